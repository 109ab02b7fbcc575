"""Estimate the length of logs before they are read."""

from __future__ import annotations

from pathlib import Path

from incident_kit.read.sources.paths import Paths, Source, find_sources

# Rough compression ratio of logs.
COMPRESSED_TIMES = 10
COMPRESSED_SUFFIXES = (".gz", ".zst", ".bz2", ".xz")


def plain_bytes(paths: Paths) -> float:
    """Estimate how many bytes of lines access logs hold. A source that is no local file counts as 0."""
    return sum(map(_plain_bytes, find_sources(paths)))


def _plain_bytes(source: Source) -> float:
    path = Path(source.name)
    if not path.is_file():
        return 0.0
    return path.stat().st_size * (COMPRESSED_TIMES if path.suffix in COMPRESSED_SUFFIXES else 1)
