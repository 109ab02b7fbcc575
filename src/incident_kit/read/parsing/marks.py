"""Where the quotes and the line feeds of a block stand: what its lines are cut at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from incident_kit.read.parsing.survey import LINE_FEED, stretches

QUOTE = ord('"')

Places = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Marks:
    """The places of all quotes and line feeds, in order, and which of these are the line feeds."""

    places: Places
    ends: npt.NDArray[np.intp]

    @property
    def line_ends(self) -> Places:
        """The places of the line feeds."""
        return self.places[self.ends]

    def of_lines_with(self, quotes: int) -> tuple[npt.NDArray[np.bool_], Places]:
        """Return which lines have so many quotes, and of each of those a row: its quotes and its end."""
        marks = np.diff(self.ends, prepend=-1)
        fit = marks == quotes + 1
        others = np.flatnonzero(~fit)
        # Few lines do not fit, and what lies between them is copied whole.
        begins = [0, *(self.ends[others] + 1).tolist()]
        stops = [*(self.ends[others] + 1 - marks[others]).tolist(), len(self.places)]
        kept = [self.places[begin:stop] for begin, stop in zip(begins, stops, strict=True)]
        return fit, np.concatenate(kept).reshape(-1, quotes + 1)


def find_marks(data: bytes) -> Marks:
    """Find the quotes and the line feeds in whole lines."""
    size = np.int32 if len(data) <= np.iinfo(np.int32).max else np.int64
    found = [np.empty(0, dtype=size)]
    for begin, part in stretches(data):
        marks = np.flatnonzero((part == QUOTE) | (part == LINE_FEED))
        found.append((marks + begin).astype(size))
    places = np.concatenate(found)
    return Marks(places, np.flatnonzero(np.frombuffer(data, dtype=np.uint8)[places] == LINE_FEED))
