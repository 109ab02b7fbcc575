"""JSON documents in a source: one on every line, or the whole source as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from json import JSONDecoder
from typing import NamedTuple

import msgspec
import orjson

from incident_kit.read.blocks import BYTE_ORDER_MARK
from incident_kit.read.sources import Source
from incident_kit.read.spans.beginnings import DAMAGE, Held

# How a line begins and ends that is a document; pretty printing leaves its first line open.
DECODER, VISIBLE = JSONDecoder(), re.compile(r"\S")
WHOLE_DOCUMENTS = (b"{}", b"[]")


class Document(NamedTuple):
    """A document as it stands in its source, or (without content) the damage that ended the source."""

    source: str
    line_number: int
    content: bytes
    damage: str = ""


def documents(source: Source) -> Iterator[Document]:
    """Yield every line that is not blank, or the whole source as line 1, and damage where there is some."""
    if isinstance(source, Held) and _is_one_line(source.content):
        yield Document(source.name, 1, source.content)
        return
    lines = _lines(source)
    first = next(lines, Document(source.name, 1, b""))
    beginning = first.content.removeprefix(BYTE_ORDER_MARK).strip()
    found: Iterable[Document] = chain([first._replace(content=beginning)], lines)
    if beginning[:1] + beginning[-1:] not in WHOLE_DOCUMENTS:
        found = _from_open_line(list(found))
    yield from (each for each in found if each.damage or not _is_blank(each.content))


def _is_one_line(content: bytes) -> bool:
    """Whether a content is one whole document, which the small files of an archive of traces are."""
    return content[:1] + content[-1:] in WHOLE_DOCUMENTS and b"\n" not in content


def _from_open_line(lines: list[Document]) -> Iterator[Document]:
    """Yield the documents of a source whose first line is none: pretty-printed, or cut."""
    whole = b"\n".join(line.content.rstrip(b"\n") for line in lines)
    is_one = _is_json(whole)
    if not is_one and any(_is_json(line.content) for line in lines):
        yield from lines
        return
    for line_number, content in [(1, _on_one_line(whole))] if is_one else _values(whole):
        yield Document(lines[0].source, line_number, content)
    yield from (line for line in lines if line.damage)


def values_on_one_line(line: bytes) -> list[bytes]:
    """Return the JSON values that stand one after the other in a line; what is none ends them."""
    return [value for _, value in _values(line)]


def _values(written: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the JSON values that follow one another, each with its line; from damage on the rest as one."""
    text = written.decode(errors="replace")
    line_number, place = 1, 0
    while found := VISIBLE.search(text, place):
        begin = found.start()
        line_number += text.count("\n", place, begin)
        try:
            value, place = DECODER.raw_decode(text, begin)
            document = orjson.dumps(value)
        except (ValueError, TypeError):  # no JSON, or a number that orjson has no type for
            place = len(text)
            document = text[begin:].encode()
        yield line_number, document
        line_number += text.count("\n", begin, place)


def _on_one_line(document: bytes) -> bytes:
    """Return a document without the white space of pretty printing; one that is none to orjson as it is."""
    try:
        return orjson.dumps(orjson.loads(document))
    except ValueError:
        return document


def _lines(source: Source) -> Iterator[Document]:
    """Yield the lines of a source; where it cannot be decompressed further, that is noted."""
    number = 0
    with source.open() as stream:
        try:
            for number, line in enumerate(stream, start=1):
                yield Document(source.name, number, line)
        except DAMAGE as error:
            note = f"{source.name} is damaged after line {number:,} ({error}); what came before was read."
            yield Document(source.name, number + 1, b"", note)


def _is_blank(text: bytes) -> bool:
    return not text or text.isspace()


def _is_json(text: bytes) -> bool:
    """Whether a text is one JSON object or array."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return text.lstrip()[:1] in (b"{", b"[")
