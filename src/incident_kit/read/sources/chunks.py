"""Read a source in chunks of bytes; of a damaged source, read everything before the damage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BufferedIOBase, BufferedReader, FileIO
from itertools import chain

from incident_kit.errors import EmptySourceError, SourceError, first_line
from incident_kit.read.sources.compression import damage_note
from incident_kit.read.sources.packings import PACKED_BADLY, Packing, packing_of
from incident_kit.read.sources.parquet import is_parquet
from incident_kit.read.sources.paths import Source
from incident_kit.read.sources.scan import line_feeds
from incident_kit.read.sources.stream_of import stream_of

SNIFF_BYTES = 4096
# A file whose beginning has a larger share of unprintable bytes is binary. Text logs have hardly any, because
# servers escape even the TLS bytes that are sent to a plain port.
BINARY_SHARE = 0.1
# No server writes lines shorter than some 40 bytes, of which a chunk holds so many. Of the shortest lines it
# would hold ten million, and each takes hundreds of bytes once it is read.
MAX_LINES = 500_000
# How far past a chunk to look for the end of its last line. The caller puts longer lines together.
FURTHER_BYTES = 1024 * 1024
UNPRINTABLE = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1b"))


@dataclass(frozen=True)
class Chunk:
    """Bytes of a source, whether they are its last, and the damage that ended it, if any."""

    data: bytes
    last: bool
    note: str | None = None


def read_chunks(source: Source, stream: BufferedIOBase, size: int) -> Iterator[Chunk]:
    """Yield a stream in chunks, a packed one in chunks of the lines that its records become.

    Raises
    ------
    SourceError
        If the source is empty or binary, holds no records, or nothing of it can be decompressed.
    """
    for chunk in _unpacked(source, _plain_chunks(source, stream, size), size):
        yield from _of_few_lines(chunk)


def _plain_chunks(source: Source, stream: BufferedIOBase, size: int) -> Iterator[Chunk]:
    """Yield what can be read; if decompression fails, yield what came before the failure."""
    total, last = 0, False
    while not last:
        wanted = _up_to_a_line_end(stream, size)
        data, damage = _read(stream, wanted)
        if not total:
            _check_beginning(source, data, damage)
        total += len(data)
        last = len(data) < wanted
        note = damage_note(source.title, f"{total:,} bytes", damage) if damage else None
        yield Chunk(data, last, note)


def _unpacked(source: Source, chunks: Iterator[Chunk], size: int) -> Iterator[Chunk]:
    """Yield the chunks; of a packed source, those of the lines that its records become."""
    first = next(chunks)
    packing = packing_of(first.data)
    chunks = chain([first], chunks)
    return chunks if packing is None else _of_records(source, packing, chunks, size)


def _of_records(source: Source, packing: Packing, chunks: Iterator[Chunk], size: int) -> Iterator[Chunk]:
    """Yield the lines of a packed source in chunks."""
    notes: list[str | None] = []

    def parts() -> Iterator[bytes]:
        for chunk in chunks:
            notes.append(chunk.note)
            yield chunk.data

    lines = stream_of(_unless_bad(source, packing.lines(parts())))
    if not lines.peek(1):
        raise SourceError(f"{source.title} holds no records; give a file with at least one.")
    while data := lines.read(size):
        last = not lines.peek(1)
        yield Chunk(data, last, notes[-1] if last else None)


def _unless_bad(source: Source, lines: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from lines
    except PACKED_BADLY as error:
        raise SourceError(
            f"{source.title} cannot be read as a table: {first_line(error)}; give the log itself."
        ) from error


def _of_few_lines(chunk: Chunk) -> Iterator[Chunk]:
    """Yield a chunk in halves of halves, cut at line ends, until none has more than `MAX_LINES`."""
    if line_feeds(chunk.data) <= MAX_LINES:
        yield chunk
        return
    middle = len(chunk.data) // 2
    end = chunk.data.find(b"\n", middle, -1) + 1 or chunk.data.rfind(b"\n", 0, middle) + 1
    yield from _of_few_lines(Chunk(chunk.data[:end], last=False))
    yield from _of_few_lines(replace(chunk, data=chunk.data[end:]))


def _up_to_a_line_end(stream: BufferedIOBase, size: int) -> int:
    """Return how many bytes to read so that no line is cut, if looking ahead in the source costs nothing."""
    if not isinstance(stream, BufferedReader) or not isinstance(stream.raw, FileIO) or not stream.seekable():
        return size
    begin = stream.tell()
    stream.seek(begin + size)
    further = len(stream.readline(FURTHER_BYTES))
    stream.seek(begin)
    return size + further


def _read(stream: BufferedIOBase, size: int) -> tuple[bytes, str | None]:
    """Read up to `size` bytes; also return what stopped the reading, if it was not the end."""
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
        raise EmptySourceError(f"{source.title} is empty; give a file with at least one line.")
    if is_parquet(chunk):
        return
    beginning = chunk[:SNIFF_BYTES]
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{source.name} is UTF-16 within; give it unpacked, or convert it to UTF-8.")
    if len(beginning) - len(beginning.translate(None, UNPRINTABLE)) > BINARY_SHARE * len(beginning):
        raise SourceError(f"{source.title} is binary, no log of lines; give text, plain or compressed.")
