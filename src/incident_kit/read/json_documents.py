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

from incident_kit.read.trace_format import SpanBatch, TraceSource
from incident_kit.schema import REJECTED, conform, empty

# About 60 thousand spans: frames large enough for vectorised work, small enough to bound the memory.
BATCH_BYTES = 32 * 2**20
# A rejected record is kept to be recognised, not to be stored again.
RAW_CHARACTERS = 2000


def document_batches(
    sources: Iterable[TraceSource],
    decode: Callable[[bytes], Iterable[Any]],
    frame: Callable[[list[Any]], pl.DataFrame],
    batch_bytes: int = BATCH_BYTES,
) -> Iterator[SpanBatch]:
    """Yield batches of spans; a document that `decode` refuses is rejected with its reason.

    `decode` turns one document into records (raising `msgspec.MsgspecError` or `ValueError`), `frame` the
    records of many documents into columns as in `span_columns.RECORDED`.
    """
    records: list[Any] = []
    rejected: list[dict[str, Any]] = []
    size = 0
    for source in sources:
        for line_number, document in _documents(source):
            try:
                records.extend(decode(document))
            except (msgspec.MsgspecError, ValueError) as error:
                rejected.append(_rejection(source.name, line_number, document, error))
            size += len(document)
            if size >= batch_bytes:
                yield SpanBatch(frame(records), _rejected(rejected))
                records, rejected, size = [], [], 0
    yield SpanBatch(frame(records), _rejected(rejected))


def _documents(source: TraceSource) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, document): every line that is not blank, or the whole file as one line."""
    with source.open() as stream:
        first = stream.readline().removeprefix(b"\xef\xbb\xbf")
        lines: Iterable[bytes] = chain([first], stream)
        if not _is_json(first):
            whole = first + stream.read()
            lines = whole.splitlines()
            if _is_json(whole) or not any(line[:1] in b"{[" and _is_json(line) for line in lines):
                lines = [_on_one_line(whole)]
        yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True


def _on_one_line(document: bytes) -> bytes:
    """Return a document without the white space of pretty printing; a damaged one as it is."""
    try:
        return orjson.dumps(orjson.loads(document))
    except ValueError:
        return document


def _rejected(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return conform(pl.DataFrame(rows), REJECTED) if rows else empty(REJECTED)


def _rejection(source: str, line_number: int, document: bytes, error: Exception) -> dict[str, Any]:
    raw = document[:RAW_CHARACTERS].decode(errors="replace").rstrip("\r\n")
    return {"source": source, "line_number": line_number, "raw": raw, "reason": str(error)}
