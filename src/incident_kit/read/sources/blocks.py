"""Cut a source into blocks of whole lines in clean UTF-8; what came before damage is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader

from incident_kit.read.sources.block import Block, last_directives
from incident_kit.read.sources.chunks import read_chunks
from incident_kit.read.sources.packings import SNIFF_BYTES, packing_of
from incident_kit.read.sources.paths import STANDARD_INPUT, Source
from incident_kit.read.sources.plain_text import BYTE_ORDER_MARK, as_utf_8
from incident_kit.read.sources.scan import AT_ONCE, Scan, scan

# Large enough that a batch keeps both cores busy and its fixed cost does not matter, small enough that a
# batch and its columns stay under 200 MB.
BLOCK_BYTES = 20 * 1024 * 1024
# Servers limit what clients send to some ten kilobytes, and log shippers cut lines at a megabyte at most. A
# longer line is damage, or was made to fill the memory. Its beginning is kept, because it shows which request
# it was.
LONGEST_LINE = 2 * AT_ONCE
CUT = f"{{source}} holds lines longer than {LONGEST_LINE // 2**20} MB; of each its beginning was read."


def read_blocks(source: Source, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the source's lines in blocks of about `size` bytes; the last block notes damage, if there is any.

    Raises
    ------
    SourceError
        If the source is empty or binary, or nothing of it can be decompressed.
    """
    number, begin, pending, passed, above = 1, 0, b"", 0, dict[str, str]()
    with source.open() as stream:
        for chunk in read_chunks(source, stream, size):
            cut = len(chunk.data) if chunk.last else chunk.data.rfind(b"\n") + 1
            if cut or chunk.last:
                whole, pending = _joined(pending, chunk.data, cut)
            else:
                whole, pending, passed = b"", *_beginning(pending, chunk.data, passed)
            if not whole and not chunk.note:
                continue
            place, passed = (begin, begin + passed + len(whole)), 0
            whole, cut_off = _halved(whole) if chunk.note else (whole, "")
            found = scan(whole)
            note = chunk.note or (CUT.format(source=source.title) if _is_cut(whole, found) else None)
            half = (number + found.line_feeds, cut_off) if cut_off else None
            block = Block(source.name, number, _lines(whole, found, begin), note, above, place, half)
            number += found.line_feeds + (not whole.endswith(b"\n"))
            begin = place[1]
            above = last_directives(block) if found.number_signs else above
            yield block


def _beginning(pending: bytes, data: bytes, passed: int) -> tuple[bytes, int]:
    """Return the kept beginning of an unfinished line, and how many of its bytes have been skipped."""
    kept = data[: max(0, LONGEST_LINE + 1 - len(pending))]
    return pending + kept, passed + len(data) - len(kept)


def _halved(data: bytes) -> tuple[bytes, str]:
    """Return the whole lines, and what comes after them: a line that damage cut off, or nothing.

    Nothing tells such a line from a whole one: a shorter number is a number, and would be a wrong one.
    """
    end = data.rfind(b"\n") + 1
    return data[:end], data[end : end + LONGEST_LINE].decode("utf-8", errors="replace").strip()


def _joined(pending: bytes, data: bytes, cut: int) -> tuple[bytes, bytes]:
    """Join the pending bytes with the data up to `cut`; return them and the rest, with the fewest copies."""
    if not pending and cut == len(data):
        return data, b""
    view = memoryview(data)
    return b"".join((pending, view[:cut])), bytes(view[cut:])


def can_be_read_again(source: Source) -> bool:
    """Return whether a part of a source can be read without the rest: no pipe, not compressed, not packed."""
    if source.name == STANDARD_INPUT:
        return False
    with source.open() as stream:
        if not isinstance(stream, BufferedReader) or not stream.seekable():
            return False
        return packing_of(stream.read(SNIFF_BYTES)) is None


def read_again(block: Block) -> Block:
    """Return a block with its bytes, which were left behind, read again from their place in the source.

    Raises
    ------
    SourceError
        If the source cannot be opened from here.
    """
    begin, end = block.place
    with Source(block.source).open() as stream:
        stream.seek(begin)
        data = stream.read(end - begin)
    return replace(block, data=_lines(data, scan(data), begin))


def _is_cut(data: bytes, found: Scan) -> bool:
    return found.long_lines and any(len(line) > LONGEST_LINE for line in data.split(b"\n"))


def _lines(data: bytes, found: Scan, begin: int) -> bytes:
    """Return clean whole lines, each ended by a line feed; `begin` is their byte offset in the source.

    Byte order marks and carriage returns at line ends are dropped, lines that are too long are cut, and
    invalid UTF-8 is replaced by a visible character.
    """
    data = data if data.endswith(b"\n") else data + b"\n"
    if found.long_lines:
        data = b"\n".join(line[:LONGEST_LINE] for line in data.split(b"\n"))
    if found.carriage_returns:
        data = data.replace(b"\r\n", b"\n")
    if found.ascii:
        return data
    data = data.removeprefix(BYTE_ORDER_MARK) if begin == 0 else data
    return as_utf_8(data.replace(b"\n" + BYTE_ORDER_MARK, b"\n"))
