"""Messages that follow one another in a file, each behind its length: 4 bytes, big-endian.

The OpenTelemetry collector's file exporter writes them so with `format: proto`, and in any format with
`compression: zstd`, where each message is compressed alone.
Source: opentelemetry-collector-contrib, `exporter/fileexporter`.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase, BytesIO

from incident_kit.read.sources.compression import zstd_frames
from incident_kit.read.sources.paths import Source
from incident_kit.read.spans.beginnings import DAMAGE
from incident_kit.read.spans.documents import Document

PREFIX_BYTES = 4
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# The tag byte of a length-delimited field 1. As the first byte of a length it would mean 160 MB or more.
FIRST_FIELD = b"\x0a"


def first_message(head: bytes) -> bytes:
    """Return the beginning of the first message in the beginning of a file."""
    prefix, message = head[:PREFIX_BYTES], head[PREFIX_BYTES:]
    try:
        return next(_decompressed(message[: int.from_bytes(prefix)]), b"")
    except DAMAGE:
        return b""


def messages(source: Source) -> Iterator[Document]:
    """Yield the messages of a source, decompressed and numbered, or all of it if no length precedes it.

    A message that is damaged is yielded as far as it goes, and says so.
    """
    number = 0
    with source.open() as stream:
        try:
            prefix = stream.read(PREFIX_BYTES)
            if prefix[:1] == FIRST_FIELD:
                yield Document(source.name, 1, prefix + stream.read())
                return
            while prefix:
                number += 1
                yield Document(source.name, number, *_message(prefix, stream))
                prefix = stream.read(PREFIX_BYTES)
        except DAMAGE as error:
            yield Document(source.name, number + 1, b"", f"{error}; what came before was read")


def _message(prefix: bytes, stream: BufferedIOBase) -> tuple[bytes, str]:
    """Return the message behind a length, and what is wrong with it."""
    if len(prefix) < PREFIX_BYTES:
        return prefix, "the file ends within the length of a message"
    size = int.from_bytes(prefix)
    content = stream.read(size)
    if len(content) < size:
        return content, f"the file ends after {len(content):,} of its {size:,} bytes"
    try:
        return b"".join(_decompressed(content)), ""
    except DAMAGE as error:
        return content, str(error)


def _decompressed(message: bytes) -> Iterator[bytes]:
    return zstd_frames(BytesIO(message)) if message.startswith(ZSTD_MAGIC) else iter([message])
