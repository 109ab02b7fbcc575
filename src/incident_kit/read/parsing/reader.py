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
from incident_kit.read.cutting.plan import FastPath
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.exactly import Parsed, read_exactly
from incident_kit.read.parsing.proven import fast_path, read_proven
from incident_kit.read.parsing.read_settings import ReadSettings
from incident_kit.read.sources.block import Block

# A fast path that has dictionary-encoded more texts than this starts afresh, or its memory would grow with
# the log.
MAX_ENCODED_TEXTS = 1_000_000


class Reader:
    """Read blocks with the first of the formats that fits each line. Thread-safe.

    All threads share the fast path's caches, which are kept from block to block. In another process they
    start empty.
    """

    def __init__(self, formats: Sequence[LogFormat], settings: ReadSettings | None = None) -> None:
        self.formats, self.settings = tuple(formats), settings or ReadSettings()
        self._kept: FastPath | None = None
        self._choosing = Lock()

    def __reduce__(self) -> tuple[type[Reader], tuple[object, ...]]:
        return type(self), (self.formats, self.settings)

    def read(self, block: Block) -> Parsed:
        """Read every line of a block, in order; skip blank lines."""
        return self.complete(*self.fast(block))

    def complete(self, done: pl.DataFrame, left: pl.DataFrame) -> Parsed:
        """Parse the lines `left` of a block exactly; merge them in line order with its `done` requests."""
        rest = self.exactly(left)
        done = done.cast(dict.fromkeys(self.settings.repeated, pl.String))
        frames = [frame for frame in (done, rest.requests) if len(frame)]
        requests = pl.concat(frames) if frames else rest.requests
        fast = () if done.is_empty() else ((self.formats[0], done[LINE_NUMBER]),)
        ordered = requests.sort(LINE_NUMBER) if len(frames) > 1 else requests
        return Parsed(ordered, rest.rejected, (*fast, *rest.read_by))

    def fast(self, block: Block) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the requests in the lines proven to be in the first format, and the other lines."""
        way = self._way()
        requests = None if way is None else read_proven(way, block)
        if requests is None:
            return self.settings.nothing(), block.lines()
        missing = np.ones(len(block.line_ends), dtype=bool)
        missing[requests[LINE_NUMBER].to_numpy() - block.first_line] = False
        return requests, block.pick(np.flatnonzero(missing))

    def exactly(self, lines: pl.DataFrame) -> Parsed:
        """Parse lines on the exact path."""
        return read_exactly(lines, self.formats, self.settings)

    def _way(self) -> FastPath | None:
        """Return the fast path, a new one once the categories of the last may have become too many."""
        with self._choosing:
            if self._kept is None or self._kept.encoded_texts > MAX_ENCODED_TEXTS:
                self._kept = fast_path(self.formats[0], self.settings.with_categories())
            return self._kept
