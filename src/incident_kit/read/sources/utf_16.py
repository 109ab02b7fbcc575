"""Text in UTF-16, which PowerShell writes when output is sent to a file, as bytes of UTF-8."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from io import BufferedIOBase, BufferedReader

INPUT_BYTES = 1024 * 1024


def in_utf_8(stream: BufferedReader) -> BufferedIOBase:
    """Return the stream in UTF-8, where its byte order mark says that it is in UTF-16."""
    return Utf16(stream) if stream.peek(2).startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else stream


class Utf16(BufferedIOBase):
    """A stream of UTF-16, told by its byte order mark, in UTF-8 and without the mark."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream, self._over, self._done = stream, False, memoryview(b"")
        self._decoder = getincrementaldecoder("utf-16")("replace")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """Return up to so many bytes, or what is decoded already; nothing at the end."""
        while not self._done and not self._over:
            data = self._stream.read1(INPUT_BYTES)
            self._over = not data
            self._done = memoryview(self._decoder.decode(data, final=self._over).encode())
        size = len(self._done) if size < 0 else size
        part, self._done = self._done[:size], self._done[size:]
        return part.tobytes()

    def close(self) -> None:
        """Close what it reads from."""
        self._stream.close()
        super().close()
