"""JSON files of traces: one document a line, or one document in all, into batches of spans.

Records are gathered over lines and over files until a batch is full, and only then become a frame: a
frame for each of twenty thousand small files would cost more than reading them.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

import msgspec
import orjson
import polars as pl

from incident_kit.read.sources import BYTE_ORDER_MARK, Source
from incident_kit.read.spans.dialect import SpanBatch
from incident_kit.schema import REJECTED, conform

# About 30 thousand spans: frames large enough for vectorised work, small enough to bound the memory.
BATCH_BYTES = 16 * 2**20
# A rejected document is kept to be recognised, not to be stored again.
RAW_BYTES = 2000
# What reading a cut or broken compressed file ends with.
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError)
# How a line begins and ends that is a document; pretty printing leaves its first line open.
WHOLE_DOCUMENTS = (b"{}", b"[]")

# Source, line number, the beginning of the document, the reason.
Rejected = tuple[str, int, bytes, str]


def document_batches(
    sources: Iterable[Source],
    decode: Callable[[bytes], Iterable[Any]],
    frame: Callable[[list[Any]], pl.DataFrame],
    batch_bytes: int = BATCH_BYTES,
) -> Iterator[SpanBatch]:
    """Yield batches of spans; a document that `decode` refuses is rejected with its reason.

    `decode` turns one document into records (raising `msgspec.MsgspecError` or `ValueError`), `frame` the
    records of many documents into columns as in `columns.RECORDED`.
    """
    records: list[Any] = []
    rejected: list[Rejected] = []
    size = 0
    with ThreadPoolExecutor(max_workers=1) as pool:  # one batch is framed while the next is decoded
        ahead: list[tuple[Future[pl.DataFrame], pl.DataFrame]] = []
        for source in sources:
            for line_number, document in _documents(source, rejected):
                try:
                    records.extend(decode(_readable(document)))
                except (msgspec.MsgspecError, ValueError) as error:
                    rejected.append((source.name, line_number, document[:RAW_BYTES].rstrip(), str(error)))
                size += len(document)
                if size >= batch_bytes:
                    yield from _finished(ahead)
                    ahead.append((pool.submit(frame, records), _rejected(rejected)))
                    records, size = [], 0
                    rejected.clear()
        yield from _finished(ahead)
        yield SpanBatch(frame(records), _rejected(rejected))


def _finished(ahead: list[tuple[Future[pl.DataFrame], pl.DataFrame]]) -> Iterator[SpanBatch]:
    while ahead:
        spans, rejected = ahead.pop(0)
        yield SpanBatch(spans.result(), rejected)


def _readable(document: bytes) -> bytes:
    """Return a document as UTF-8; bytes that are none are replaced visibly."""
    if document.isascii():
        return document
    try:
        document.decode()
    except UnicodeDecodeError:
        return document.decode(errors="replace").encode()
    return document


def _documents(source: Source, rejected: list[Rejected]) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, document): every line that is not blank, or the whole file as one line."""
    lines = _lines(source, rejected)
    first = next(lines, b"").removeprefix(BYTE_ORDER_MARK)
    beginning = first.strip()
    documents = chain([first], lines)
    if beginning[:1] + beginning[-1:] not in WHOLE_DOCUMENTS:
        held = list(documents)
        whole = b"".join(held)
        in_lines = any(map(_is_json, held)) and not _is_json(whole)
        documents = chain(held if in_lines else [_on_one_line(whole)])
    yield from ((number, line) for number, line in enumerate(documents, start=1) if not line.isspace())


def _lines(source: Source, rejected: list[Rejected]) -> Iterator[bytes]:
    """Yield the lines of a source; where it cannot be decompressed further, that is noted."""
    number = 0
    with source.open() as stream:
        try:
            for line in stream:
                number += 1
                yield line
        except DAMAGE as error:
            note = f"{source.name} is damaged after line {number:,} ({error}); what came before was read."
            rejected.append((source.name, number + 1, b"", note))


def _is_json(text: bytes) -> bool:
    """Whether a text is one JSON object or array."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return text.lstrip()[:1] in (b"{", b"[")


def _on_one_line(document: bytes) -> bytes:
    """Return a document without the white space of pretty printing; a damaged one as it is."""
    try:
        return orjson.dumps(orjson.loads(document))
    except ValueError:
        return document


def _rejected(rows: list[Rejected]) -> pl.DataFrame:
    readable = [(*place, raw.decode(errors="replace"), reason) for *place, raw, reason in rows]
    return conform(pl.DataFrame(readable, schema=list(REJECTED), orient="row"), REJECTED)
