"""Turn JSON documents that hold many records, as cloud exports and command lines write them, into lines.

A document is a list, as `gcloud … --format=json` writes it, or an object of which one member holds the
records: Azure's `{"records": […]}`, `{"events": […]}` of `aws logs filter-log-events`, a response of
Elasticsearch, Loki, CloudWatch Insights, Log Analytics or Datadog. It may take up one line or many, and
several may follow one another. `[{"status": 200}, {"status": 404}]` becomes the two lines `{"status":200}`
and `{"status":404}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

BEGINNING = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*\{|\{\s*(?:"(?:records|events)"\s*:\s*\[|"took"\s*:\s*\d+\s*,\s*"timed_out"'
    rb'|(?:"\w+"\s*:\s*"\w+"\s*,\s*)?"results"\s*:\s*\[\s*\[\s*\{\s*"field"'
    rb'|"tables"\s*:\s*\[\s*\{\s*"(?:name|columns)"'
    rb'|(?:"status"\s*:\s*"success"\s*,\s*)?"data"\s*:\s*(?:\{\s*"resultType"|\[\s*\{\s*"(?:attributes|id|type)")))'
)
# The next line that is not blank, from its first character that is not blank.
NEXT = re.compile(r"\S.*")
ONE = json.JSONDecoder()
OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
LIST = msgspec.json.Decoder(list[msgspec.Raw])
UNREADABLE = (msgspec.MsgspecError, RecursionError, ValueError)


class Hits(msgspec.Struct):
    """The `hits` of an Elasticsearch response."""

    hits: list[msgspec.Raw]


class Field(msgspec.Struct):
    """A field of a record of CloudWatch Insights."""

    field: str
    value: str


class Stream(msgspec.Struct):
    """The lines of one stream of Loki, each behind its time in nanoseconds, and more labels behind some."""

    stream: msgspec.Raw
    values: list[list[msgspec.Raw]]


class Streams(msgspec.Struct):
    """The `data` of a response of Loki."""

    result: list[Stream]


class Column(msgspec.Struct):
    """A column of a table of Log Analytics."""

    name: str


class Table(msgspec.Struct):
    """A table of Log Analytics."""

    columns: list[Column]
    rows: list[list[msgspec.Raw]]


def _hits(member: msgspec.Raw) -> Iterable[object]:
    return msgspec.json.decode(member, type=Hits).hits


def _insights(member: msgspec.Raw) -> Iterable[object]:
    records = msgspec.json.decode(member, type=list[list[Field]])
    return ({each.field: each.value for each in record} for record in records)


def _tables(member: msgspec.Raw) -> Iterable[object]:
    for table in msgspec.json.decode(member, type=list[Table]):
        for row in table.rows:
            yield {column.name: value for column, value in zip(table.columns, row, strict=True)}


def _loki_or_datadog(member: msgspec.Raw) -> Iterable[object]:
    if bytes(member).startswith(b"["):
        return LIST.decode(member)
    streams = msgspec.json.decode(member, type=Streams).result
    return (
        {"labels": each.stream, "line": line, "timestamp": time}
        for each in streams
        for time, line, *_ in each.values
    )


# The members that hold records, and how each holds them.
HOLDERS: Mapping[str, Callable[[msgspec.Raw], Iterable[object]]] = {
    "records": LIST.decode,
    "events": LIST.decode,
    "hits": _hits,
    "results": _insights,
    "tables": _tables,
    "data": _loki_or_datadog,
}


def holds_records(beginning: bytes) -> bool:
    """Return whether a file that begins with these bytes is a document of many records."""
    return BEGINNING.match(beginning) is not None


def record_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a line for each record of a file given in parts; text that is no such document is unchanged."""
    data = b"".join(parts)
    records = _records(data)
    lines = _one_by_one(data.decode("utf-8-sig", errors="replace")) if records is None else records
    yield from (line + b"\n" for line in lines)


def _one_by_one(text: str) -> Iterator[bytes]:
    """Yield the records of consecutive documents, and the lines that belong to none."""
    place = 0
    while found := NEXT.search(text, place):
        place = found.start()
        try:
            end = ONE.raw_decode(text, place)[1]
        except (ValueError, RecursionError):
            end = found.end()
        document = text[place:end].encode()
        yield from _records(document) or [document]
        place = end


def _records(document: bytes) -> list[bytes] | None:
    """Return the records of one document, each on one line; None if it is no such document."""
    text = document.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        if text.startswith(b"["):
            return list(map(_line, LIST.decode(text)))
        members = OBJECT.decode(text)
        held = next((hold(members[name]) for name, hold in HOLDERS.items() if name in members), None)
        return None if held is None else list(map(_line, held))
    except UNREADABLE:
        return None


def _line(record: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=-1)
