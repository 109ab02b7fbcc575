"""The result of reading access logs: as frames (`AccessLog`), or as counts only (`ReadLog`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl


@dataclass(frozen=True)
class ReadLog:
    """How much was read: the counts of requests and rejected lines, the formats' names, and notes."""

    requests: int = 0
    rejected: int = 0
    log_formats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """The number of lines that were not empty."""
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
    """What was read: REQUESTS, REJECTED, the formats' names, and notes that an engineer should know."""

    requests: pl.DataFrame
    rejected: pl.DataFrame
    log_formats: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def log_format(self) -> str:
        """The formats' names in one text."""
        return ", ".join(self.log_formats)

    @property
    def counts(self) -> ReadLog:
        """The same as counts."""
        return ReadLog(len(self.requests), len(self.rejected), self.log_formats, self.notes)

    def __repr__(self) -> str:
        return repr(self.counts)


def together(logs: Sequence[AccessLog]) -> AccessLog:
    """Concatenate several logs, at least one, into one."""
    total = reduce(add, (log.counts for log in logs))
    return AccessLog(
        pl.concat([log.requests for log in logs]),
        pl.concat([log.rejected for log in logs]),
        total.log_formats,
        total.notes,
    )
