"""Where the quotes and the line feeds of a block stand: what its lines are cut at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.read.sources.survey import AT_ONCE, LINE_FEED, stretches

QUOTE = ord('"')

Places = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Marks:
    """The places of all quotes and line feeds, in order, and which of these are the line feeds.

    A line feed before the first line, at -1, is one of both, so that each line lies between two.
    """

    places: Places
    feeds: npt.NDArray[np.intp]

    @property
    def line_ends(self) -> Places:
        """The places of the line feeds that end the lines."""
        return self.places[self.feeds[1:]]

    def of_lines_with(self, quotes: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
        """Return which lines have so many quotes, and of each of those which mark stands before it."""
        fit = np.diff(self.feeds) == quotes + 1
        return fit, self.feeds[:-1][fit]


def find_marks(data: bytes) -> Marks:
    """Find the quotes and the line feeds in whole lines."""
    size = np.int32 if len(data) <= np.iinfo(np.int32).max else np.int64
    places, ends = [np.array([-1], dtype=size)], [np.ones(1, dtype=bool)]
    every = pl.int_range(min(AT_ONCE, len(data)), dtype=pl.Int32, eager=True)
    for begin, part in stretches(data):
        # Polars picks the numbers where something is true in a third of the time that numpy finds them in.
        marks = every.head(len(part)).filter((part == QUOTE) | (part == LINE_FEED)).to_numpy()
        ends.append(part.to_numpy().take(marks) == LINE_FEED)
        places.append(np.add(marks, begin, dtype=size))
    return Marks(np.concatenate(places), np.flatnonzero(np.concatenate(ends)))
