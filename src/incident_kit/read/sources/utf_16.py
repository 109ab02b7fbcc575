"""Convert UTF-16 text, which PowerShell writes when output is redirected to a file, to UTF-8."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from io import BufferedIOBase, BufferedReader

INPUT_BYTES = 1024 * 1024


def in_utf_8(stream: BufferedReader) -> BufferedIOBase:
    """Return the stream converted to UTF-8 if its byte order mark says that it is UTF-16."""
    return Utf16(stream) if stream.peek(2).startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else stream


class Utf16(BufferedIOBase):
    """A stream of UTF-16 with a byte order mark, as UTF-8 without the mark."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream, self._over, self._done = stream, False, memoryview(b"")
        self._decoder = getincrementaldecoder("utf-16")("replace")

    def readable(self) -> bool:
        """Return True."""
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes that are already decoded, or decode more; return nothing at the end."""
        while not self._done and not self._over:
            data = self._stream.read1(INPUT_BYTES)
            self._over = not data
            self._done = memoryview(self._decoder.decode(data, final=self._over).encode())
        size = len(self._done) if size < 0 else size
        part, self._done = self._done[:size], self._done[size:]
        return part.tobytes()

    def close(self) -> None:
        """Close the underlying stream."""
        self._stream.close()
        super().close()
