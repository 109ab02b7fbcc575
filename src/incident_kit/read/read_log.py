"""What comes of reading access logs: frames, or only how much it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl


@dataclass(frozen=True)
class ReadLog:
    """How much was read: requests, rejected lines, the formats' names, what an engineer should know."""

    requests: int = 0
    rejected: int = 0
    log_formats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """The lines that were not empty."""
        return self.requests + self.rejected

    def __add__(self, other: ReadLog) -> ReadLog:
        return ReadLog(
            self.requests + other.requests,
            self.rejected + other.rejected,
            tuple(dict.fromkeys((*self.log_formats, *other.log_formats))),
            tuple(dict.fromkeys((*self.notes, *other.notes))),
        )

    def __repr__(self) -> str:
        notes = "".join(f"; {note}" for note in self.notes)
        formats = ", ".join(self.log_formats)
        return f"AccessLog({self.requests:,} requests, {self.rejected:,} rejected, {formats}{notes})"


@dataclass(frozen=True)
class AccessLog:
    """What was read: REQUESTS, REJECTED, the formats' names, and what an engineer should know about it."""

    requests: pl.DataFrame
    rejected: pl.DataFrame
    log_format: str
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> ReadLog:
        """How much it is."""
        formats = tuple(filter(None, self.log_format.split(", ")))
        return ReadLog(len(self.requests), len(self.rejected), formats, self.notes)

    def __repr__(self) -> str:
        return repr(self.counts)


def together(logs: Sequence[AccessLog]) -> AccessLog:
    """Return several logs, at least one, as one."""
    total = reduce(add, (log.counts for log in logs))
    return AccessLog(
        pl.concat([log.requests for log in logs]),
        pl.concat([log.rejected for log in logs]),
        ", ".join(total.log_formats),
        total.notes,
    )
