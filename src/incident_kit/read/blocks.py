"""A source cut into blocks of whole lines, clean and checked; what came before damage is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BufferedIOBase, BufferedReader, FileIO

from incident_kit.errors import SourceError
from incident_kit.read.parsing.block import Block, last_header
from incident_kit.read.parsing.record_lists import as_lines, holds_records
from incident_kit.read.sources import STANDARD_INPUT, Source

# Large enough that a batch keeps both cores busy and what it costs to begin one does not matter, small enough
# that a batch and its columns stay under 200 MB.
BLOCK_BYTES = 20 * 1024 * 1024
SNIFF_BYTES = 4096
# More unprintable bytes than this in the beginning of a file make it binary; TLS bytes sent to a plain
# port are escaped by servers, so that text logs hold hardly any.
BINARY_SHARE = 0.1
UNPRINTABLE = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1b"))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_blocks(source: Source, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the source's lines in blocks of about `size` bytes; the last block notes damage, if there is any.

    Raises
    ------
    SourceError
        If the source is empty or binary, or nothing of it can be decompressed.
    """
    number, begin, pending, header = 1, 0, b"", None
    with source.open() as stream:
        for chunk in _unpacked(source, _chunks(source, stream, size), size):
            cut = len(chunk.data) if chunk.last else chunk.data.rfind(b"\n") + 1
            whole, pending = (
                _joined(pending, chunk.data, cut) if cut or chunk.last else (b"", pending + chunk.data)
            )
            if not whole and not chunk.note:
                continue
            place = (begin, begin + len(whole))
            block = Block(source.name, number, _lines(whole, begin), chunk.note, header, place)
            number += len(block.line_ends)
            begin = place[1]
            header = last_header(block)
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
        return replace(block, data=_lines(stream.read(end - begin), begin))


def _lines(data: bytes, begin: int) -> bytes:
    """Return whole lines, each ended and clean; `begin` is where they begin in the source."""
    return _clean(data if data.endswith(b"\n") else data + b"\n", first=begin == 0)


@dataclass(frozen=True)
class _Chunk:
    """Bytes of a source: whether they are its last, and the damage that ended it, if there was any."""

    data: bytes
    last: bool
    note: str | None = None


def _chunks(source: Source, stream: BufferedIOBase, size: int) -> Iterator[_Chunk]:
    """Yield what can be read; where decompression fails, what came before it."""
    total, last = 0, False
    while not last:
        wanted = _up_to_a_line_end(stream, size)
        data, damage = _read(stream, wanted)
        if not total:
            _check_beginning(source, data, damage)
        total += len(data)
        last = len(data) < wanted
        note = f"{source.name} is damaged after {total:,} bytes ({damage}); what came before was read."
        yield _Chunk(data, last, note if damage else None)


def _unpacked(source: Source, chunks: Iterator[_Chunk], size: int) -> Iterator[_Chunk]:
    """Yield the chunks; of a document that holds many records, its records as lines."""
    first = next(chunks)
    if not holds_records(first.data[:SNIFF_BYTES]):
        yield first
        yield from chunks
        return
    held = [first, *chunks]
    data = as_lines(b"".join(chunk.data for chunk in held))
    if not data:
        raise SourceError(f"{source.title} holds no records; give a file with at least one.")
    for begin in range(0, len(data), size):
        last = begin + size >= len(data)
        yield _Chunk(data[begin : begin + size], last, held[-1].note if last else None)


def _up_to_a_line_end(stream: BufferedIOBase, size: int) -> int:
    """Return how far to read so that no line is cut, where looking ahead in the source costs nothing."""
    if not isinstance(stream, BufferedReader) or not isinstance(stream.raw, FileIO) or not stream.seekable():
        return size
    begin = stream.tell()
    stream.seek(begin + size)
    further = len(stream.readline())
    stream.seek(begin)
    return size + further


def _read(stream: BufferedIOBase, size: int) -> tuple[bytes, str | None]:
    """Read up to `size` bytes, and say what stopped the reading if it was not the end."""
    import lzma
    import zlib

    import zstandard

    parts: list[bytes] = []
    missing = size
    try:
        while missing > 0 and (part := stream.read1(missing)):
            parts.append(part)
            missing -= len(part)
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        return b"".join(parts), str(error).rstrip(".")
    return b"".join(parts), None


def _check_beginning(source: Source, chunk: bytes, damage: str | None) -> None:
    if not chunk and damage:
        raise SourceError(f"{source.title} cannot be decompressed: {damage}.")
    if not chunk.strip():
        raise SourceError(f"{source.title} is empty; give a file with at least one line.")
    beginning = chunk[:SNIFF_BYTES]
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{source.name} is UTF-16; convert it to UTF-8.")
    if len(beginning) - len(beginning.translate(None, UNPRINTABLE)) > BINARY_SHARE * len(beginning):
        raise SourceError(f"{source.title} is binary, no log of lines.")


def _clean(data: bytes, *, first: bool) -> bytes:
    """Drop byte order marks and carriage returns at line ends, and make invalid UTF-8 visible."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if data.isascii():
        return data
    data = data.removeprefix(BYTE_ORDER_MARK) if first else data
    data = data.replace(b"\n" + BYTE_ORDER_MARK, b"\n")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", errors="replace").encode("utf-8")
    return data
