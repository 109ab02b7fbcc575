"""What stands in bytes, looked for a stretch at a time, while other threads go on.

To ask the bytes themselves (`b"#" in data`) keeps the interpreter's lock until they all are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LINE_FEED, CARRIAGE_RETURN, NUMBER_SIGN = b"\n\r#"
MOST_ASCII = 0x7F
# So many bytes are looked at at once that they stay in the processor's cache; with fewer, threads would wait
# for each other more often.
AT_ONCE = 1024 * 1024


@dataclass(frozen=True)
class Survey:
    """How many line feeds there are, and whether there is what few logs have."""

    line_feeds: int = 0
    ascii: bool = True
    carriage_returns: bool = False
    number_signs: bool = False
    long_lines: bool = False
    """Whether a line goes over a whole stretch: every line longer than two of them does."""


def survey(data: bytes) -> Survey:
    """Look through bytes once."""
    found = Survey()
    for _, part in stretches(data):
        line_feeds = int(np.count_nonzero(part == LINE_FEED))
        found = Survey(
            found.line_feeds + line_feeds,
            found.ascii and bool(part.max() <= MOST_ASCII),
            found.carriage_returns or bool((part == CARRIAGE_RETURN).any()),
            found.number_signs or bool((part == NUMBER_SIGN).any()),
            found.long_lines or (not line_feeds and len(part) == AT_ONCE),
        )
    return found


def is_ascii(data: bytes) -> bool:
    """Return whether bytes are ASCII."""
    return all(part.max() <= MOST_ASCII for _, part in stretches(data))


def stretches(data: bytes) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """Yield bytes in stretches, and where each begins."""
    text = np.frombuffer(data, dtype=np.uint8)
    for begin in range(0, len(text), AT_ONCE):
        yield begin, text[begin : begin + AT_ONCE]
