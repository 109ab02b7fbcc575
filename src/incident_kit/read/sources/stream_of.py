"""A stream of the bytes that a generator yields, as decompressors and decoders are written most simply."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from typing import Any


def stream_of(parts: Iterator[bytes]) -> BufferedReader:
    """Return the parts as one stream, which raises what the generator raises once all before it is read."""
    return BufferedReader(_Parts(parts))


class _Parts(RawIOBase):
    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._left = parts, memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer from one part; return how many bytes were written, 0 at the end."""
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = memoryview(part)
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size
