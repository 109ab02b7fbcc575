"""Mend text that begins with NULs, or whose lines end with a carriage return alone, as old programs write it.

After `logrotate` with `copytruncate`, a server that goes on writing at its old place leaves NULs before it.
"""

from __future__ import annotations

from io import BufferedIOBase, BufferedReader

NUL = b"\0"
# Fewer may be the length of a binary message.
MANY_NULS = NUL * 64
# Binary files hold control characters, and all other text holds line feeds.
ELSEWHERE = bytes(set(range(0x20)) - set(b"\t\r\f\x1b"))


def mended(stream: BufferedReader) -> BufferedIOBase:
    """Return the stream without NULs at its beginning, and with line feeds for carriage returns alone."""
    beginning = stream.peek(1)
    if beginning.startswith(MANY_NULS):
        return PlainText(stream, returns=False)
    returns = b"\r" in beginning and len(beginning.translate(None, ELSEWHERE)) == len(beginning)
    return PlainText(stream, returns=True) if returns else stream


class PlainText(BufferedIOBase):
    """A stream of text; `returns` says that carriage returns end its lines."""

    def __init__(self, stream: BufferedReader, *, returns: bool) -> None:
        self._stream, self._returns, self._begun = stream, returns, False

    def readable(self) -> bool:
        """Return True, as a stream to be read must."""
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, or none at the end."""
        data = self._stream.read1(size)
        while data and not self._begun and not (data := data.lstrip(NUL)):
            data = self._stream.read1(size)
        self._begun = True
        return data.replace(b"\r", b"\n") if self._returns else data

    def close(self) -> None:
        """Close the original stream."""
        self._stream.close()
        super().close()
