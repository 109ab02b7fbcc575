"""A source cut into blocks of whole lines, clean and checked; what came before damage is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader

from incident_kit.read.sources.block import Block, last_directives
from incident_kit.read.sources.chunks import SNIFF_BYTES, read_chunks
from incident_kit.read.sources.paths import STANDARD_INPUT, Source
from incident_kit.read.sources.record_lists import holds_records
from incident_kit.read.sources.survey import Survey, survey

# Large enough that a batch keeps both cores busy and what it costs to begin one does not matter, small enough
# that a batch and its columns stay under 200 MB.
BLOCK_BYTES = 20 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_blocks(source: Source, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the source's lines in blocks of about `size` bytes; the last block notes damage, if there is any.

    Raises
    ------
    SourceError
        If the source is empty or binary, or nothing of it can be decompressed.
    """
    number, begin, pending, above = 1, 0, b"", dict[str, str]()
    with source.open() as stream:
        for chunk in read_chunks(source, stream, size):
            cut = len(chunk.data) if chunk.last else chunk.data.rfind(b"\n") + 1
            if cut or chunk.last:
                whole, pending = _joined(pending, chunk.data, cut)
            else:
                whole, pending = b"", pending + chunk.data
            if not whole and not chunk.note:
                continue
            place, found = (begin, begin + len(whole)), survey(whole)
            block = Block(source.name, number, _lines(whole, found, begin), chunk.note, above, place)
            number += found.line_feeds + (not whole.endswith(b"\n"))
            begin = place[1]
            above = last_directives(block) if found.number_signs else above
            yield block


def _joined(pending: bytes, data: bytes, cut: int) -> tuple[bytes, bytes]:
    """Return what was pending with the data up to `cut`, and the rest, copying no more than has to be."""
    if not pending and cut == len(data):
        return data, b""
    view = memoryview(data)
    return b"".join((pending, view[:cut])), bytes(view[cut:])


def can_be_read_again(source: Source) -> bool:
    """Return whether a part of a source can be read without what lies before it: no pipe, not compressed."""
    if source.name == STANDARD_INPUT:
        return False
    with source.open() as stream:
        return isinstance(stream, BufferedReader) and not holds_records(stream.peek(SNIFF_BYTES))


def read_again(block: Block) -> Block:
    """Return a block whose bytes were left behind with those bytes, read from its place in the source.

    Raises
    ------
    SourceError
        If the source cannot be opened from here.
    """
    begin, end = block.place
    with Source(block.source).open() as stream:
        stream.seek(begin)
        data = stream.read(end - begin)
    return replace(block, data=_lines(data, survey(data), begin))


def _lines(data: bytes, found: Survey, begin: int) -> bytes:
    """Return whole lines, each ended and clean; `begin` is where they begin in the source.

    Byte order marks and carriage returns at line ends are dropped, and invalid UTF-8 is made visible.
    """
    data = data if data.endswith(b"\n") else data + b"\n"
    if found.carriage_returns:
        data = data.replace(b"\r\n", b"\n")
    if found.ascii:
        return data
    data = data.removeprefix(BYTE_ORDER_MARK) if begin == 0 else data
    data = data.replace(b"\n" + BYTE_ORDER_MARK, b"\n")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", errors="replace").encode("utf-8")
    return data
