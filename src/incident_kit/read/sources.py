"""Paths, globs, directories, archives, standard input and object stores, as blocks of whole lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import cast

from incident_kit.errors import SourceError
from incident_kit.read.parsing.block import Block, last_header

Paths = str | Path | Sequence[str | Path]

STANDARD_INPUT = "-"
# Large enough that a batch keeps both cores busy, small enough that a batch and its columns stay under
# 200 MB.
BLOCK_BYTES = 16 * 1024 * 1024
SNIFF_BYTES = 4096
# More unprintable bytes than this in the beginning of a file make it binary; TLS bytes sent to a plain
# port are escaped by servers, so that text logs hold hardly any.
BINARY_SHARE = 0.1
MAGIC = frozenset("*?[")
UNPRINTABLE = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1b"))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Beginnings of compressed files: how each is told from plain text.
COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}


@dataclass(frozen=True)
class Source:
    """One file, URL or standard input, by the name it is reported under."""

    name: str

    @property
    def title(self) -> str:
        """What a sentence calls the source."""
        return "standard input" if self.name == STANDARD_INPUT else self.name

    @contextmanager
    def open(self) -> Iterator[BufferedIOBase]:
        """Open the source, decompressed.

        Raises
        ------
        SourceError
            If it cannot be opened.
        """
        with ExitStack() as stack:
            try:
                raw = self._open_raw(stack)
            except OSError as error:
                raise SourceError(f"{self.name} cannot be opened: {error.strerror or error}.") from error
            stream = _decompressed(raw)
            yield stream if stream is raw else stack.enter_context(stream)

    def _open_raw(self, stack: ExitStack) -> BufferedIOBase:
        if self.name == STANDARD_INPUT:
            return cast(BufferedIOBase, sys.stdin.buffer)
        if "://" in self.name:
            return self._open_remote(stack)
        return cast(BufferedIOBase, stack.enter_context(Path(self.name).open("rb")))

    def _open_remote(self, stack: ExitStack) -> BufferedIOBase:
        try:
            import fsspec

            return cast(BufferedIOBase, stack.enter_context(fsspec.open(self.name, "rb")))
        except (ImportError, ValueError) as error:
            raise _unreadable(self.name, error) from error


def _unreadable(address: str, error: Exception) -> SourceError:
    return SourceError(
        f"{address} needs a library to be read: {error}; for s3:// install incident-kit[s3]."
        if isinstance(error, ImportError | ValueError)
        else f"{address} cannot be opened: {error}."
    )


def find_sources(paths: Paths) -> list[Source]:
    """Return the sources that files, globs, directories, URLs and `-` stand for, in the order given.

    A directory stands for every file in it that is not hidden, in the order of their names.

    Raises
    ------
    SourceError
        If a path does not exist, or a glob or directory holds nothing.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if not given:
        raise SourceError("No input was given; name files, globs, directories or - for standard input.")
    return [Source(name) for path in given for name in _expand(str(path))]


def read_blocks(source: Source, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the source's lines in blocks of about `size` bytes; the last block notes damage, if there is any.

    Raises
    ------
    SourceError
        If the source is empty or binary, or nothing of it can be decompressed.
    """
    number, begin, pending, header = 1, 0, b"", None
    with source.open() as stream:
        for chunk in _chunks(source, stream, size):
            cut = len(chunk.data) if chunk.last else chunk.data.rfind(b"\n") + 1
            # A view, because a block is large and its copies are what reading it costs.
            view = memoryview(chunk.data)
            whole = b"".join((pending, view[:cut])) if cut or chunk.last else b""
            pending = bytes(view[cut:]) if whole else pending + chunk.data
            if not whole and not chunk.note:
                continue
            place = (begin, begin + len(whole))
            block = Block(source.name, number, _lines(whole, begin), chunk.note, header, place)
            number += len(block.line_ends)
            begin = place[1]
            header = last_header(block)
            yield block


def can_be_read_again(source: Source) -> bool:
    """Return whether a part of a source can be read without what lies before it: no pipe, not compressed."""
    if source.name == STANDARD_INPUT:
        return False
    with source.open() as stream:
        return isinstance(stream, BufferedReader)


def read_again(block: Block) -> Block:
    """Return a block whose bytes were left behind with those bytes, read from its place in the source.

    Raises
    ------
    SourceError
        If the source cannot be opened from here.
    """
    begin, end = block.place
    with Source(block.source).open() as stream:
        stream.seek(begin)
        return replace(block, data=_lines(stream.read(end - begin), begin))


def _lines(data: bytes, begin: int) -> bytes:
    """Return whole lines, each ended and clean; `begin` is where they begin in the source."""
    return _clean(data if data.endswith(b"\n") else data + b"\n", first=begin == 0)


@dataclass(frozen=True)
class _Chunk:
    """Bytes of a source: whether they are its last, and the damage that ended it, if there was any."""

    data: bytes
    last: bool
    note: str | None = None


def _decompressed(stream: BufferedIOBase) -> BufferedIOBase:
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


def _expand(path: str) -> list[str]:
    if path == STANDARD_INPUT:
        return [path]
    if "://" in path:
        return _expand_remote(path) if MAGIC.intersection(path) and not path.startswith("http") else [path]
    place = Path(path).expanduser()
    if place.is_dir():
        with os.scandir(place) as items:
            found = sorted(item.path for item in items if item.name[0] != "." and item.is_file())
        if not found:
            raise SourceError(f"The directory {path} holds no files.")
        return found
    if place.exists():
        return [str(place)]
    found = sorted(str(item) for item in _globbed(place) if item.is_file())
    if not found:
        raise SourceError(f"There is no file {path}; check the path, or quote the glob.")
    return found


def _expand_remote(pattern: str) -> list[str]:
    try:
        from fsspec.core import url_to_fs

        store, path = url_to_fs(pattern)
        found = sorted(store.unstrip_protocol(name) for name in store.glob(path))
    except (ImportError, ValueError, OSError) as error:
        raise _unreadable(pattern, error) from error
    if not found:
        raise SourceError(f"Nothing in the store is called {pattern}; check the address.")
    return found


def _globbed(pattern: Path) -> Iterator[Path]:
    parts = pattern.relative_to(pattern.anchor)
    return Path(pattern.anchor).glob(str(parts)) if MAGIC.intersection(str(parts)) else iter(())


def _chunks(source: Source, stream: BufferedIOBase, size: int) -> Iterator[_Chunk]:
    """Yield what can be read; where decompression fails, what came before it."""
    total, last = 0, False
    while not last:
        data, damage = _read(stream, size)
        if not total:
            _check_beginning(source, data, damage)
        total += len(data)
        last = len(data) < size
        note = f"{source.name} is damaged after {total:,} bytes ({damage}); what came before was read."
        yield _Chunk(data, last, note if damage else None)


def _read(stream: BufferedIOBase, size: int) -> tuple[bytes, str | None]:
    """Read up to `size` bytes, and say what stopped the reading if it was not the end."""
    import lzma
    import zlib

    import zstandard

    parts: list[bytes] = []
    missing = size
    try:
        while missing > 0 and (part := stream.read1(missing)):
            parts.append(part)
            missing -= len(part)
    except (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        return b"".join(parts), str(error).rstrip(".")
    return b"".join(parts), None


def _check_beginning(source: Source, chunk: bytes, damage: str | None) -> None:
    if not chunk and damage:
        raise SourceError(f"{source.title} cannot be decompressed: {damage}.")
    if not chunk.strip():
        raise SourceError(f"{source.title} is empty; give a file with at least one line.")
    beginning = chunk[:SNIFF_BYTES]
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{source.name} is UTF-16; convert it to UTF-8.")
    if len(beginning) - len(beginning.translate(None, UNPRINTABLE)) > BINARY_SHARE * len(beginning):
        raise SourceError(f"{source.title} is binary, no log of lines.")


def _clean(data: bytes, *, first: bool) -> bytes:
    """Drop byte order marks and carriage returns at line ends, and make invalid UTF-8 visible."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if data.isascii():
        return data
    data = data.removeprefix(BYTE_ORDER_MARK) if first else data
    data = data.replace(b"\n" + BYTE_ORDER_MARK, b"\n")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", errors="replace").encode("utf-8")
    return data
