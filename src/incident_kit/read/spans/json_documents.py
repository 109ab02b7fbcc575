"""JSON files of traces: one document a line, or one document in all, into batches of spans.

Records are gathered over lines and over files until a batch is full, and only then become a frame: a
frame for each of twenty thousand small files would cost more than reading them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import msgspec
import orjson
import polars as pl

from incident_kit.read.parsing.block import Block
from incident_kit.read.sources import Source, read_blocks
from incident_kit.read.spans.dialect import SpanBatch
from incident_kit.schema import REJECTED, conform

# About 60 thousand spans: frames large enough for vectorised work, small enough to bound the memory.
BATCH_BYTES = 32 * 2**20
# A rejected document is kept to be recognised, not to be stored again.
RAW_BYTES = 2000
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
    for source in sources:
        for line_number, document in _documents(source, rejected):
            try:
                records.extend(decode(document))
            except (msgspec.MsgspecError, ValueError) as error:
                rejected.append((source.name, line_number, document[:RAW_BYTES], str(error)))
            size += len(document)
            if size >= batch_bytes:
                yield SpanBatch(frame(records), _rejected(rejected))
                records, rejected, size = [], [], 0
    yield SpanBatch(frame(records), _rejected(rejected))


def _documents(source: Source, rejected: list[Rejected]) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, document): every line that is not blank, or the whole file as one line."""
    blocks = read_blocks(source)
    first = next(blocks)
    beginning = first.data.lstrip().partition(b"\n")[0].rstrip()
    if beginning[:1] + beginning[-1:] in WHOLE_DOCUMENTS:
        yield from _lines(chain([first], blocks), rejected)
        return
    held = [first, *blocks]
    whole = b"".join(block.data for block in held)
    lines = list(_lines(held, rejected))
    if any(_is_json(line) for _, line in lines) and not _is_json(whole):
        yield from lines
    else:
        yield 1, _on_one_line(whole)


def _lines(blocks: Iterable[Block], rejected: list[Rejected]) -> Iterator[tuple[int, bytes]]:
    for block in blocks:
        numbered = enumerate(block.data.split(b"\n"), block.first_line)
        yield from ((number, line) for number, line in numbered if line and not line.isspace())
        if block.note:
            rejected.append((block.source, block.first_line + len(block.line_ends), b"", block.note))


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
