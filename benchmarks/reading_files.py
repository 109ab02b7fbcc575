"""The same lines in other files: compressed, split into many, and mixed with lines of another format."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from benchmarks.reading_log import write_log

FILES, LINES_A_FILE = 100, 2_000
MIXED_LINES = 100_000
JSON_LINE = (
    '{{"time":"2026-10-10T{:02}:{:02}:{:02}Z","method":"GET","path":"/api/items/{}",'
    '"status":200,"duration_ms":{}}}\n'
)


def compressed(log: Path) -> Iterator[tuple[str, Path]]:
    """Yield the log compressed in each way."""
    import gzip

    import zstandard

    for name, opener in {"gz": gzip.open, "zst": zstandard.open}.items():
        packed = log.with_name(f"{log.name}.{name}")
        with log.open("rb") as source, opener(packed, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        yield name, packed
        packed.unlink()


def split_log(place: Path) -> tuple[Path, Path]:
    """Write a log, and a folder of small files that hold the same lines."""
    whole, parts = place / "whole.log", place / "parts"
    write_log(whole, FILES * LINES_A_FILE)
    parts.mkdir()
    with whole.open("rb") as lines:
        for number in range(FILES):
            (parts / f"{number:03}.log").write_bytes(b"".join(islice(lines, LINES_A_FILE)))
    return whole, parts


def mixed_log(place: Path) -> tuple[Path, Path]:
    """Write a folder of nginx's lines and JSON lines, and one file of the same lines in turn."""
    apart, mixed = place / "apart", place / "mixed.log"
    apart.mkdir()
    write_log(apart / "nginx.log", MIXED_LINES)
    made = [
        JSON_LINE.format(n // 3600 % 24, n // 60 % 60, n % 60, n % 997, n % 250) for n in range(MIXED_LINES)
    ]
    (apart / "json.log").write_text("".join(made), encoding="utf-8")
    with (apart / "nginx.log").open(encoding="utf-8") as lines:
        mixed.write_text("".join(chain.from_iterable(zip(lines, made, strict=True))), encoding="utf-8")
    return apart, mixed
