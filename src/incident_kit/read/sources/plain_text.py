"""Text as other systems and old programs write it, as UTF-8 with line feeds.

PowerShell writes UTF-16 when output is redirected to a file. Old programs end lines with a carriage return
alone. After `logrotate` with `copytruncate`, a server that goes on writing at its old place leaves NULs
before it.
"""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterator
from functools import partial
from io import BufferedReader

from incident_kit.read.sources.stream_of import stream_of

INPUT_BYTES = 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUL = b"\0"
# Fewer may be the length of a binary message.
MANY_NULS = NUL * 64
# Binary files hold control characters, and all other text holds line feeds.
ELSEWHERE = bytes(set(range(0x20)) - set(b"\t\r\f\x1b"))


def plain_text(stream: BufferedReader) -> BufferedReader:
    """Return the stream as UTF-8 without NULs at its beginning, and with line feeds between its lines."""
    beginning, parts = stream.peek(1), iter(partial(stream.read1, INPUT_BYTES), b"")
    if beginning.startswith((BOM_UTF16_BE, BOM_UTF16_LE)):
        return stream_of(_from_utf_16(parts))
    if beginning.startswith(MANY_NULS):
        return stream_of(_without_nuls(parts))
    if b"\r" in beginning and len(beginning.translate(None, ELSEWHERE)) == len(beginning):
        return stream_of(part.replace(b"\r", b"\n") for part in parts)
    return stream


def as_utf_8(data: bytes) -> bytes:
    """Return bytes as UTF-8: what is not UTF-8 becomes replacement characters, which are visible."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace").encode()
    return data


def _from_utf_16(parts: Iterator[bytes]) -> Iterator[bytes]:
    decoder = getincrementaldecoder("utf-16")("replace")
    yield from (decoder.decode(part).encode() for part in parts)
    yield decoder.decode(b"", final=True).encode()


def _without_nuls(parts: Iterator[bytes]) -> Iterator[bytes]:
    yield next((text for part in parts if (text := part.lstrip(NUL))), b"")
    yield from parts
