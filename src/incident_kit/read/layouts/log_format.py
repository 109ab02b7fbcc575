"""The definition of a log format: a row of plain values, with sample lines that prove it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from incident_kit.read.cutting.plan import FastPath, Planner
from incident_kit.read.values.kinds import TEXT, Kind

TimestampIs = Literal["start", "end"]
SpecialisedFor = Callable[["LogFormat", pl.Series], list["LogFormat"]]


@dataclass(frozen=True)
class Variable:
    """The meaning of a value in a line: the column of REQUESTS it becomes, or its own name in `extra`.

    A value that begins with an `opening` may directly follow the one before it, which ends there.
    """

    column: str
    kind: Kind = TEXT
    opening: str = ""


@dataclass(frozen=True)
class Sample:
    """A line, and the values of REQUESTS that it must be read as."""

    line: str
    expect: Mapping[str, Any]


class Layout(ABC):
    """How a line splits into named values, all of them text. It has no fast path unless it says so."""

    @property
    def escaped(self) -> bool:
        """Whether values still have the servers' backslash escapes."""
        return False

    @property
    def plain_where_proven(self) -> bool:
        """Whether the fast path proves not only where values stand, but also that they need no splitting."""
        return False

    @property
    def fixed(self) -> tuple[str, ...]:
        """Texts that occur in every line, in this order; empty if the layout has no such texts."""
        return ()

    @property
    @abstractmethod
    def hint(self) -> pl.Expr:
        """A cheap condition on `line` that every matching line fulfils."""

    @abstractmethod
    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Split `line` exactly: add one column `$name` for each value, and `matched`."""

    @abstractmethod
    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line would be `matched`, without splitting it."""

    def loosened(self) -> Layout | None:
        """Return a layout that reads more lines with less proof, or None."""
        return None

    def fast_path(self, planner: Planner) -> FastPath | None:  # noqa: ARG002  which some layouts have
        """Return the fast path that turns proven lines into the planned columns.

        None if splitting lines exactly is as fast.
        """
        return None


@dataclass(frozen=True)
class LogFormat:
    """One format: how its lines split into values, and what the values mean.

    Values without a row in `variables` are kept in `extra` under their own names. `derived` are columns
    computed from the others once these are typed. `timestamp_is` says which moment of a request its
    timestamp records. An `open_ended` format accepts any rest of a line, so formats that know the whole line
    come first. `specialised_for` returns the formats that some lines turn this one into. `aliases` are other
    names for it. Among equals, a higher `priority` comes first. A format is `exclusive` if other lines of the
    log repeat its requests, so it reads a log by itself or not at all. `mapped` are the names that a user's
    mapping gives a meaning.
    """

    name: str
    description: str
    layout: Layout
    variables: Mapping[str, Variable]
    timestamp_is: TimestampIs
    samples: tuple[Sample, ...] = ()
    derived: Mapping[str, pl.Expr] = field(default_factory=dict)
    open_ended: bool = False
    specialised_for: SpecialisedFor | None = None
    aliases: tuple[str, ...] = ()
    absolute_targets: bool = False
    priority: int = 0
    exclusive: bool = False
    mapped: tuple[str, ...] = ()

    def variable(self, name: str) -> Variable:
        """Return the meaning of the value called `name`."""
        return self.variables.get(name, Variable(name))
