"""Turn JSON documents that hold many records, as cloud exports and command lines write them, into lines.

A document is a list, as `gcloud … --format=json` writes it, Azure's `{"records": […]}`, `{"events": […]}` of
`aws logs filter-log-events`, or a response of Elasticsearch. It may take up one line or many, and several may
follow one another. `[{"status": 200}, {"status": 404}]` becomes the two lines `{"status":200}` and
`{"status":404}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

BEGINNING = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*\{|\{\s*"(?:records|events)"\s*:\s*\[|\{\s*"took"\s*:\s*\d+\s*,\s*"timed_out")'
)
# The next line that is not blank, from its first character that is not blank.
NEXT = re.compile(r"\S.*")
ONE = json.JSONDecoder()


class Hits(msgspec.Struct):
    """The `hits` of an Elasticsearch response."""

    hits: list[msgspec.Raw]


class Document(msgspec.Struct):
    """A document with one member that holds the records."""

    records: list[msgspec.Raw] | None = None
    events: list[msgspec.Raw] | None = None
    hits: Hits | None = None

    @property
    def held(self) -> list[msgspec.Raw] | None:
        """The records, or None if the document has none of these members."""
        return self.hits.hits if self.hits else self.events if self.records is None else self.records


DOCUMENT = msgspec.json.Decoder(Document)
LIST = msgspec.json.Decoder(list[msgspec.Raw])
UNREADABLE = (msgspec.MsgspecError, RecursionError)


def holds_records(beginning: bytes) -> bool:
    """Return whether a file that begins with these bytes is a document of many records."""
    return BEGINNING.match(beginning) is not None


def as_lines(data: bytes) -> bytes:
    """Return one line for each record; text that is no such document stays unchanged."""
    records = _records(data)
    lines = _one_by_one(data.decode("utf-8-sig", errors="replace")) if records is None else records
    return b"".join(line + b"\n" for line in lines)


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
        records = LIST.decode(text) if text.startswith(b"[") else DOCUMENT.decode(text).held
        if records is None:
            return None
        return [msgspec.json.format(record, indent=-1) for record in map(bytes, records)]
    except UNREADABLE:
        return None
