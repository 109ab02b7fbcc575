"""Scan bytes for what later steps depend on, such as line feeds, in parallel with other threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from incident_kit.read.sources.zero_copy import as_numbers

LINE_FEED = ord("\n")
MAX_ASCII = 0x7F
# Scan this many bytes at a time, so that they stay in the processor's cache. With fewer bytes, threads would
# wait for the interpreter's lock more often.
AT_ONCE = 1024 * 1024


@dataclass(frozen=True)
class Scan:
    """The number of line feeds, and whether the bytes contain what few logs have."""

    line_feeds: int
    ascii: bool
    carriage_returns: bool
    number_signs: bool
    long_lines: bool
    """Whether some whole stretch holds no line feed, which is so for every line longer than two stretches."""


def scan(data: bytes) -> Scan:
    """Scan bytes and return what they contain."""
    # Polars counts the line feeds: Python finds one byte at the speed of memory, but counting all of them
    # takes it seven times as long.
    feeds = [(len(part), int((part == LINE_FEED).sum())) for _, part in stretches(data)]
    return Scan(
        line_feeds=sum(found for _, found in feeds),
        ascii=is_ascii(data),
        carriage_returns=b"\r" in data,
        number_signs=b"#" in data,
        long_lines=any(not found and size == AT_ONCE for size, found in feeds),
    )


def line_feeds(data: bytes) -> int:
    """Return the number of line feeds in bytes."""
    return sum(int((part == LINE_FEED).sum()) for _, part in stretches(data))


def is_ascii(data: bytes) -> bool:
    """Return whether all bytes are ASCII."""
    most = as_numbers(data).max()
    return most is None or int(most) <= MAX_ASCII  # type: ignore[arg-type]


def stretches(data: bytes) -> Iterator[tuple[int, pl.Series]]:
    """Yield consecutive stretches of bytes as integers, each with its byte offset."""
    numbers = as_numbers(data)
    for begin in range(0, len(data), AT_ONCE):
        yield begin, numbers.slice(begin, AT_ONCE)
