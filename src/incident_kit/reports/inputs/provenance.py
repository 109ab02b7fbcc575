"""Record which files were read: name, size and digest, and a secret fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import polars as pl

from incident_kit.read.sources.paths import STANDARD_INPUT, find_sources

CHUNK = 1 << 20
PERSON = b"incident-kit/key"  # so that the fingerprint cannot be computed from the digest that is shown


@dataclass(frozen=True)
class InputFile:
    """A file that was read: what may be shown of it, and the fingerprint that keys the pseudonyms."""

    name: str
    size: int
    sha256: str
    fingerprint: bytes


def input_files(paths: Iterable[str]) -> list[InputFile]:
    """Return the files that the paths stand for, globs and directories expanded, without standard input.

    Raises
    ------
    SourceError
        If a path does not exist.
    """
    given = [path for path in paths if path != STANDARD_INPUT]
    return [_looked_at(source.name) for source in find_sources(given)] if given else []


def provenance(paths: Iterable[str]) -> pl.DataFrame:
    """Return name, size and SHA-256 of each file, so that readers can identify it; never its folder."""
    rows = [(file.name, file.size, file.sha256) for file in input_files(paths)]
    return pl.DataFrame(
        rows, schema={"name": pl.String, "bytes": pl.Int64, "sha256": pl.String}, orient="row"
    )


def _looked_at(path: str) -> InputFile:
    shown, secret, size = hashlib.sha256(), hashlib.blake2b(person=PERSON), 0
    with _opened(path) as stream:
        for chunk in _chunks(stream):
            shown.update(chunk)
            secret.update(chunk)
            size += len(chunk)
    return InputFile(path.rpartition("/")[2], size, shown.hexdigest(), secret.digest())


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if "://" not in path:
        with Path(path).open("rb") as stream:
            yield stream
        return
    import fsspec

    with fsspec.open(path, "rb") as stream:
        yield stream


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
