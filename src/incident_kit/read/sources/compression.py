"""Decompress streams; the compression is recognised by the first bytes and not by the file's name."""

from __future__ import annotations

import sys
from io import BufferedIOBase, BufferedReader, RawIOBase
from typing import TYPE_CHECKING, cast

from incident_kit.read.sources.plain_text import mended
from incident_kit.read.sources.utf_16 import in_utf_8

if TYPE_CHECKING:
    from zstandard import ZstdDecompressionObj

COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
"""The first bytes of compressed files."""


INPUT_BYTES = 4096
"""How many bytes of Zstandard to decompress at a time.

Four bytes of it may stand for 128 KB, so these become 128 MB at most.
"""


def decompressed(stream: BufferedIOBase) -> BufferedIOBase:
    """Return the stream's content in UTF-8, decompressed if its first bytes say that it is compressed."""
    import bz2
    import gzip
    import lzma

    buffered = stream if isinstance(stream, BufferedReader) else BufferedReader(cast(RawIOBase, stream))
    beginning = buffered.peek(6)[:6]
    kind = next((name for magic, name in COMPRESSIONS.items() if beginning.startswith(magic)), None)
    if kind == "zstd":
        return ZstdFrames(buffered)
    if kind == "gzip":
        return gzip.GzipFile(fileobj=buffered)
    if kind == "bz2":
        return bz2.BZ2File(buffered)
    if kind == "xz":
        return lzma.LZMAFile(buffered)
    text = in_utf_8(buffered)
    return mended(text) if isinstance(text, BufferedReader) else text


class ZstdFrames(BufferedIOBase):
    """A stream of consecutive Zstandard frames.

    The stream reader of `zstandard` treats a truncated frame as complete. This one raises EOFError, as the
    readers of the other compressions do.
    """

    def __init__(self, compressed: BufferedIOBase) -> None:
        self._compressed = compressed
        self._frame: ZstdDecompressionObj | None = None
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
            self._decompress(data)
        size = len(self._done) if size < 0 else size
        part, self._done = self._done[:size], self._done[size:]
        return part.tobytes()

    def _decompress(self, data: bytes) -> None:
        import zstandard

        frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        self._done = memoryview(frame.decompress(data))
        self._begun = frame.unused_data if frame.eof else b""
        self._frame = None if frame.eof else frame
