"""Compressed streams, told by how they begin and not by their names."""

from __future__ import annotations

from io import BufferedIOBase, BufferedReader, RawIOBase
from typing import cast

COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
"""How compressed files begin."""


def decompressed(stream: BufferedIOBase) -> BufferedIOBase:
    """Return the stream's content, decompressed where its beginning says that it is compressed."""
    import bz2
    import gzip
    import lzma

    buffered = stream if isinstance(stream, BufferedReader) else BufferedReader(cast(RawIOBase, stream))
    beginning = buffered.peek(6)[:6]
    kind = next((name for magic, name in COMPRESSIONS.items() if beginning.startswith(magic)), None)
    if kind == "zstd":
        import zstandard

        return cast(
            BufferedIOBase, zstandard.ZstdDecompressor().stream_reader(buffered, read_across_frames=True)
        )
    if kind == "gzip":
        return gzip.GzipFile(fileobj=buffered)
    if kind == "bz2":
        return bz2.BZ2File(buffered)
    return lzma.LZMAFile(buffered) if kind == "xz" else buffered
