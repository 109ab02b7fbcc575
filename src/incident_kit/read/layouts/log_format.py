"""What a log format is: a row of plain values, with the lines that prove it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import polars as pl

from incident_kit.read.cutting.plan import FastWay, Planner
from incident_kit.read.values.kinds import TEXT, Kind

Stamp = Literal["start", "end"]
Specialise = Callable[["LogFormat", pl.Series], list["LogFormat"]]


@dataclass(frozen=True)
class Variable:
    """What a value in a line means: the column of REQUESTS it becomes, or a name of its own in `extra`.

    A value that begins with an `opening` may touch the one before it, which ends there.
    """

    column: str
    kind: Kind = TEXT
    opening: str = ""


@dataclass(frozen=True)
class Sample:
    """A line, and columns of REQUESTS that it must come out with."""

    line: str
    expect: Mapping[str, Any]


class Layout(Protocol):
    """How a line falls into named values, all of them text."""

    @property
    def escaped(self) -> bool:
        """Whether values still carry the backslash escapes of servers."""
        ...

    @property
    def plain_where_proven(self) -> bool:
        """Whether the fast way proves that values need no splitting either, not only where they stand."""
        ...

    @property
    def fixed(self) -> tuple[str, ...]:
        """Texts that stand in every line, in this order; none where the layout has no such texts."""
        ...

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Take `line` apart exactly: add one column `$name` a value, and `matched`."""
        ...

    @property
    def hint(self) -> pl.Expr:
        """A cheap condition on `line` without which it cannot match."""
        ...

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line would be `matched`, without taking it apart."""
        ...

    def loosened(self) -> Layout | None:
        """Return a layout that reads more lines with less proof, if there is one."""
        ...

    def fast_way(self, planner: Planner) -> FastWay | None:
        """Return how lines that are proven become the planned columns, if there is a faster way."""
        ...


@dataclass(frozen=True)
class LogFormat:
    """One format: how its lines fall into values, and what those mean.

    Values without a row in `variables` are kept in `extra` under their own names. `derived` are columns
    computed from the others once these are typed. `stamp` is the moment of a request that its timestamp
    records. A format that is `open_ended` accepts any rest of the line, so that others which know the
    whole line go first. Of a format that stands `alone` other lines of the log tell the requests again, so it
    reads a log by itself, or not at all.
    """

    name: str
    description: str
    layout: Layout
    variables: Mapping[str, Variable]
    stamp: Stamp
    samples: tuple[Sample, ...] = ()
    derived: Mapping[str, pl.Expr] = field(default_factory=dict)
    open_ended: bool = False
    specialise: Specialise | None = None
    also: tuple[str, ...] = ()
    absolute_targets: bool = False
    prior: int = 0
    alone: bool = False

    def variable(self, name: str) -> Variable:
        """Return what the value called `name` means."""
        return self.variables.get(name, Variable(name))
