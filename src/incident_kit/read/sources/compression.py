"""Decompress streams; the compression is recognised by the first bytes and not by the file's name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BufferedIOBase, BufferedReader, RawIOBase
from typing import Protocol, cast

from incident_kit.read.sources.plain_text import mended
from incident_kit.read.sources.utf_16 import in_utf_8

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
    kind = next((name for magic, name in COMPRESSIONS.items() if beginning.startswith(magic)), None)
    if kind == "zstd":
        return zstd_frames(buffered)
    if kind == "gzip":
        return gzip.GzipFile(fileobj=buffered)
    if kind == "bz2":
        return Frames(buffered, bz2.BZ2Decompressor)
    if kind == "xz":
        return Frames(buffered, lzma.LZMADecompressor)
    text = in_utf_8(buffered)
    return mended(text) if isinstance(text, BufferedReader) else text


def zstd_frames(stream: BufferedIOBase) -> Frames:
    """Return the content of a stream of Zstandard, decompressed."""
    import zstandard

    return Frames(stream, lambda: zstandard.ZstdDecompressor().decompressobj())


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


class Frames(BufferedIOBase):
    """A stream of consecutive frames of Zstandard, bzip2 or xz.

    The stream reader of `zstandard` treats a truncated frame as complete, and those of Python pass over what
    is no frame and all that follows it. This one raises an error, as the reader of gzip does.
    """

    def __init__(self, compressed: BufferedIOBase, begin: Callable[[], Decompressor]) -> None:
        self._compressed, self._begin = compressed, begin
        self._frame: Decompressor | None = None
        self._begun, self._done = b"", memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes, or fewer at the end of the last frame; all of them if `size` is negative."""
        missing = sys.maxsize if size is None or size < 0 else size
        parts: list[bytes] = []
        while missing and (part := self.read1(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def read1(self, size: int = -1, /) -> bytes:
        """Return decompressed bytes that are left, or decompress more; nothing after the last frame."""
        while not self._done:
            data = self._begun or self._compressed.read(INPUT_BYTES)
            if not data and self._frame is not None:
                raise EOFError("Compressed file ended before the end of a frame was reached")
            if not data:
                return b""
            self._decompress(data if self._frame else data.lstrip(PADDING))
        size = len(self._done) if size < 0 else size
        part, self._done = self._done[:size], self._done[size:]
        return part.tobytes()

    def _decompress(self, data: bytes) -> None:
        if not data:
            self._begun = b""
            return
        frame = self._frame or self._begin()
        self._done = memoryview(frame.decompress(data))
        self._begun = frame.unused_data if frame.eof else b""
        self._frame = None if frame.eof else frame
