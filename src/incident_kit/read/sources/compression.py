"""Decompress streams; the compression is recognised by the first bytes and not by the file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BufferedIOBase, BufferedReader, RawIOBase
from typing import Protocol, cast

from incident_kit.read.sources.plain_text import plain_text
from incident_kit.read.sources.stream_of import stream_of

COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
"""The first bytes of compressed files."""

INPUT_BYTES = 4096
"""How many compressed bytes to decompress at a time.

Four bytes of Zstandard may stand for 128 KB, so these become 128 MB at most.
"""
# Tapes and some programs fill the last block of a file up.
PADDING = b"\0"


def decompressed(stream: BufferedIOBase) -> BufferedIOBase:
    """Return the stream's content in UTF-8, decompressed if its first bytes say that it is compressed."""
    import bz2
    import gzip
    import lzma

    buffered = stream if isinstance(stream, BufferedReader) else BufferedReader(cast(RawIOBase, stream))
    beginning = buffered.peek(6)[:6]
    match next((name for magic, name in COMPRESSIONS.items() if beginning.startswith(magic)), None):
        case "gzip":
            return gzip.GzipFile(fileobj=buffered)
        case "zstd":
            return stream_of(zstd_frames(buffered))
        case "bz2":
            return stream_of(_frames(buffered, bz2.BZ2Decompressor))
        case "xz":
            return stream_of(_frames(buffered, lzma.LZMADecompressor))
        case _:
            return plain_text(buffered)


def damage_note(title: str, place: str, damage: object) -> str:
    """Return what to say of a source that could be decompressed only up to a place, such as `9 bytes`."""
    if "CRC" in str(damage):
        return f"{title} fails its checksum ({damage}); all of it was read, and its lines may be altered."
    return f"{title} is damaged after {place} ({damage}); what came before was read."


def zstd_frames(stream: BufferedIOBase) -> Iterator[bytes]:
    """Yield the content of a stream of Zstandard, decompressed."""
    import zstandard

    return _frames(stream, lambda: zstandard.ZstdDecompressor().decompressobj())


class Decompressor(Protocol):
    """What decompresses one frame, piece by piece."""

    @property
    def eof(self) -> bool:
        """Whether the frame's end was reached."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What was given after the frame's end."""
        ...

    def decompress(self, data: bytes, /) -> bytes:
        """Return what more compressed bytes stand for."""
        ...


def _frames(compressed: BufferedIOBase, begin: Callable[[], Decompressor]) -> Iterator[bytes]:
    """Yield the content of consecutive frames of Zstandard, bzip2 or xz.

    The stream reader of `zstandard` treats a truncated frame as complete, and those of Python pass over what
    is no frame and all that follows it. This raises an error, as the reader of gzip does.
    """
    frame: Decompressor | None = None
    data = b""
    while data := data or compressed.read(INPUT_BYTES):
        if frame is None and not (data := data.lstrip(PADDING)):
            continue
        frame = frame or begin()
        yield frame.decompress(data)
        data = frame.unused_data if frame.eof else b""
        frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError("Compressed file ended before the end of a frame was reached")
