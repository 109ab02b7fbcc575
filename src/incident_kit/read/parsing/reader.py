"""Turn blocks of lines into REQUESTS and REJECTED, on the fast path first and the exact path for the rest.

The fast path of the first format returns the requests in the lines it can prove. All other lines go to the
exact path, which tries every format, and returns requests and rejected lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
import polars as pl

from incident_kit.read.cutting.cutter import LINE_NUMBER
from incident_kit.read.cutting.plan import FastWay
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.exactly import Reading, read_exactly
from incident_kit.read.parsing.manner import Manner
from incident_kit.read.parsing.proven import fast_way, read_proven
from incident_kit.read.sources.block import Block

# A fast path that has dictionary-encoded more texts than this starts afresh, or its memory would grow with
# the log.
MOST_CATEGORISED = 1_000_000


class Reader:
    """Read blocks with the first of the formats that fits each line. Thread-safe.

    All threads share the fast path's caches, which are kept from block to block. In another process they
    start empty.
    """

    def __init__(self, formats: Sequence[LogFormat], manner: Manner | None = None) -> None:
        self.formats, self.manner = tuple(formats), manner or Manner()
        self._kept: FastWay | None = None
        self._choosing = Lock()

    def __reduce__(self) -> tuple[type[Reader], tuple[object, ...]]:
        return type(self), (self.formats, self.manner)

    def read(self, block: Block) -> Reading:
        """Read every line of a block, in order; skip blank lines."""
        return self.complete(*self.fast(block))

    def complete(self, done: pl.DataFrame, left: pl.DataFrame) -> Reading:
        """Parse the lines `left` of a block exactly; merge them in line order with its `done` requests."""
        rest = self.exactly(left)
        done = done.cast(dict.fromkeys(self.manner.repeated, pl.String))
        frames = [frame for frame in (done, rest.requests) if len(frame)]
        requests = pl.concat(frames) if frames else rest.requests
        fast = () if done.is_empty() else ((self.formats[0], done[LINE_NUMBER]),)
        ordered = requests.sort(LINE_NUMBER) if len(frames) > 1 else requests
        return Reading(ordered, rest.rejected, (*fast, *rest.read_by))

    def fast(self, block: Block) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the requests in the lines proven to be in the first format, and the other lines."""
        way = self._way()
        requests = None if way is None else read_proven(way, block)
        if requests is None:
            return self.manner.nothing(), block.lines()
        missing = np.ones(len(block.line_ends), dtype=bool)
        missing[requests[LINE_NUMBER].to_numpy() - block.first_line] = False
        return requests, block.pick(np.flatnonzero(missing))

    def exactly(self, lines: pl.DataFrame) -> Reading:
        """Parse lines on the exact path."""
        return read_exactly(lines, self.formats, self.manner)

    def _way(self) -> FastWay | None:
        """Return the fast path, a new one once the categories of the last may have become too many."""
        with self._choosing:
            if self._kept is None or self._kept.categorised > MOST_CATEGORISED:
                self._kept = fast_way(self.formats[0], self.manner.with_categories())
            return self._kept
