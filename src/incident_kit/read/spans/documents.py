"""Split a source into JSON documents: one on every line, or the whole source, or several pretty-printed.

A pretty-printed document is put on one line. Text that is no JSON also counts as a document, so that it is
rejected with its place instead of being lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from json import JSONDecoder
from typing import NamedTuple

import msgspec
import orjson

from incident_kit.read.sources.compression import damage_note
from incident_kit.read.sources.paths import Source
from incident_kit.read.sources.plain_text import BYTE_ORDER_MARK
from incident_kit.read.spans.beginnings import DAMAGE, InMemorySource

# First and last byte of a line that is a whole document. The first line of pretty-printed JSON is not closed.
DECODER, VISIBLE = JSONDecoder(), re.compile(r"\S")
WHOLE_DOCUMENTS = (b"{}", b"[]")
CLOSINGS = (b"}", b"]")
# A line with only such a bracket begins a pretty-printed document. After damage, a line that begins with one
# may begin the next document.
OPENINGS = (b"{", b"[")
NEXT_OPENING = re.compile(r"^[{\[]", re.MULTILINE)


class Document(NamedTuple):
    """A document with its place in its source or, without content, the damage that ended the source."""

    source: str
    line_number: int
    content: bytes
    damage: str = ""

    @property
    def size(self) -> int:
        """The size of the content in bytes."""
        return len(self.content)


def documents(source: Source) -> Iterator[Document]:
    """Yield every line that is not blank, or the documents of the whole source, and damage if any."""
    if isinstance(source, InMemorySource) and _is_one_line(source.content):
        yield Document(source.name, 1, source.content)
        return
    lines = _lines(source)
    first = next(lines, Document(source.name, 1, b""))
    beginning = first.content.removeprefix(BYTE_ORDER_MARK).strip()
    found: Iterable[Document] = chain([first._replace(content=beginning)], lines)
    # A first line that is closed but not opened is a line whose beginning was cut off, so lines are
    # documents.
    found = _until_open_line(found) if beginning[-1:] in CLOSINGS else _from_open_line(list(found))
    yield from (each for each in found if each.damage or not _is_blank(each.content))


def _until_open_line(lines: Iterable[Document]) -> Iterator[Document]:
    """Yield lines as documents, and behind a line that is only an opening bracket, pretty-printed ones."""
    remaining = iter(lines)
    for line in remaining:
        if line.content.rstrip() in OPENINGS:
            yield from _from_open_line([line, *remaining])
        else:
            yield line


def _is_one_line(content: bytes) -> bool:
    """Return whether a content is one document on one line, as in an archive of many small files."""
    return content[:1] + content[-1:] in WHOLE_DOCUMENTS and b"\n" not in content


def _from_open_line(lines: list[Document]) -> Iterator[Document]:
    """Yield the documents of lines whose first line is none: pretty-printed, cut off, or other text."""
    whole = b"\n".join(line.content.rstrip(b"\n") for line in lines)
    values = [(1, _on_one_line(whole))] if _is_json(whole) else _values(whole)
    for line_number, content in values:
        yield Document(lines[0].source, lines[0].line_number + line_number - 1, content)
    yield from (line for line in lines if line.damage)


def values_on_one_line(line: bytes) -> list[bytes]:
    """Return the JSON values that follow one another in a line, and last any text after them."""
    return [value for _, value in _values(line)]


def _values(written: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the JSON objects and arrays that follow one another, each with its line number.

    Other text (a program's own output, damage) is one document up to the next line that opens an object or
    array.
    """
    text = written.decode(errors="replace")
    line_number, place = 1, 0
    while found := VISIBLE.search(text, place):
        begin = found.start()
        line_number += text.count("\n", place, begin)
        document, place = _value(text, begin)
        yield line_number, document
        line_number += text.count("\n", begin, place)


def _value(text: str, begin: int) -> tuple[bytes, int]:
    """Return the object or array at an offset, or other text up to the next one, and the offset after it."""
    try:
        if text[begin] in "{[":
            _, end = DECODER.raw_decode(text, begin)
            document = text[begin:end].encode()
            return _on_one_line(document) if b"\n" in document else document, end
    except (ValueError, RecursionError):
        pass
    opening = NEXT_OPENING.search(text, begin + 1)
    end = opening.start() if opening else len(text)
    return text[begin:end].encode(), end


def _on_one_line(document: bytes) -> bytes:
    """Return a document without the white space of pretty printing; unchanged if orjson cannot parse it."""
    try:
        return orjson.dumps(orjson.loads(document))
    except ValueError:
        return document


def _lines(source: Source) -> Iterator[Document]:
    """Yield the lines of a source. Where decompression fails, yield the damage last."""
    number = 0
    with source.open() as stream:
        try:
            for number, line in enumerate(stream, start=1):
                yield Document(source.name, number, line)
        except DAMAGE as error:
            note = damage_note(source.title, f"line {number:,}", error)
            yield Document(source.name, number + 1, b"", note)


def _is_blank(text: bytes) -> bool:
    return not text or text.isspace()


def _is_json(text: bytes) -> bool:
    """Return whether a text is one JSON object or array."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return text.lstrip()[:1] in (b"{", b"[")
