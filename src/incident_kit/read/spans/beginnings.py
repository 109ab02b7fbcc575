"""Read the beginning of a source, by which its dialect is recognised, without losing or re-reading it."""

from __future__ import annotations

import lzma
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from stat import S_ISREG

import zstandard

from incident_kit.errors import EmptySourceError
from incident_kit.read.sources.blocks import read_blocks
from incident_kit.read.sources.compression import decompressed
from incident_kit.read.sources.paths import STANDARD_INPUT, Source

# Enough to reach the keys of a dialect behind a long list of resource attributes or tags.
HEAD_BYTES = 256 * 1024
# The errors of reading a truncated or damaged compressed file.
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
# Such a file is no archive, and an archive of traces may hold very many.
JSON = (b"{", b"[")


@dataclass(frozen=True)
class InMemorySource(Source):
    """A source whose content is in memory."""

    content: bytes = field(repr=False)

    @contextmanager
    def open(self) -> Iterator[BytesIO]:
        """Open the content."""
        yield BytesIO(self.content)


def peek(source: Source) -> tuple[bytes, Source]:
    """Return the first bytes of a source, and a source that can be read from its start.

    Content that is in memory already (a small file, or standard input, which can be read only once) is not
    read again.

    Raises
    ------
    SourceError
        If the source cannot be opened, or is empty.
    """
    is_stream = source.name == STANDARD_INPUT
    try:
        head = _small_file(source)
        if head is None:
            with source.open() as stream:
                head = stream.read(-1 if is_stream else HEAD_BYTES)
    except DAMAGE:  # `read_blocks` returns what can be read before the damage
        block = next(read_blocks(source))
        _, half = block.half or (0, "")
        return (block.data.lstrip() + half.encode())[:HEAD_BYTES], source
    if not head or head.isspace():
        raise EmptySourceError(f"{source.title} is empty; give a file that holds traces.")
    return head, InMemorySource(source.name, head) if is_stream or len(head) < HEAD_BYTES else source


def _small_file(source: Source) -> bytes | None:
    """Return the first bytes in a small file. Reading it whole takes a fifth of the time of opening a stream.

    Return None for anything else: opening it as a stream tells what it is, or why it cannot be opened.
    """
    try:
        descriptor = os.open(source.name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        is_small = S_ISREG(status.st_mode) and status.st_size < HEAD_BYTES
        content = os.read(descriptor, status.st_size + 1) if is_small else b""
    finally:
        os.close(descriptor)
    if content.startswith(JSON):
        return content
    return decompressed(BytesIO(content)).read(HEAD_BYTES) if is_small else None
