"""What stands in bytes, looked for a stretch at a time, while other threads go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from incident_kit.read.sources.handed import as_numbers

LINE_FEED = ord("\n")
MOST_ASCII = 0x7F
# So many bytes are looked at at once that they stay in the processor's cache; with fewer, threads would wait
# for each other more often.
AT_ONCE = 1024 * 1024


@dataclass(frozen=True)
class Survey:
    """How many line feeds there are, and whether there is what few logs have."""

    line_feeds: int
    ascii: bool
    carriage_returns: bool
    number_signs: bool
    long_lines: bool
    """Whether a line goes over a whole stretch: every line longer than two of them does."""


def survey(data: bytes) -> Survey:
    """Look through bytes."""
    # Python finds one byte as fast as memory is read, but to count them takes it seven times as long.
    feeds = [(len(part), int((part == LINE_FEED).sum())) for _, part in stretches(data)]
    return Survey(
        line_feeds=sum(found for _, found in feeds),
        ascii=is_ascii(data),
        carriage_returns=b"\r" in data,
        number_signs=b"#" in data,
        long_lines=any(not found and size == AT_ONCE for size, found in feeds),
    )


def is_ascii(data: bytes) -> bool:
    """Return whether bytes are ASCII."""
    most = as_numbers(data).max()
    return most is None or int(most) <= MOST_ASCII  # type: ignore[arg-type]


def stretches(data: bytes) -> Iterator[tuple[int, pl.Series]]:
    """Yield bytes in stretches, as numbers, and where each begins."""
    numbers = as_numbers(data)
    for begin in range(0, len(data), AT_ONCE):
        yield begin, numbers.slice(begin, AT_ONCE)
