"""Parts: which line of which source each line of several joined blocks was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.read.read_log import AccessLog
from incident_kit.read.sources.block import Block

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Parts:
    """For each of the joined blocks its source, its first line there, and its first line among the joined."""

    sources: tuple[str, ...]
    first_lines: Numbers
    begins: Numbers

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> Parts:
        """Return the parts of blocks whose lines are joined in this order, and numbered from 1."""
        lengths = [block.data.count(b"\n") for block in blocks]
        first_lines = np.array([block.first_line for block in blocks])
        return cls(tuple(block.source for block in blocks), first_lines, np.cumsum([1, *lengths[:-1]]))

    @property
    def title(self) -> str:
        """What to call them together."""
        return f"{self.sources[0]} and {len(self.sources) - 1} more"

    def told_apart(self, log: AccessLog) -> AccessLog:
        """Return what was read of the joined lines with the source and the number of each line there."""
        return replace(log, requests=self._placed(log.requests), rejected=self._placed(log.rejected))

    def _placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        numbers = frame["line_number"].to_numpy()
        part = np.searchsorted(self.begins, numbers, side="right") - 1
        return frame.with_columns(
            source=pl.Series(self.sources, dtype=pl.String).gather(part),
            line_number=pl.Series(numbers - self.begins[part] + self.first_lines[part], dtype=pl.Int64),
        )
