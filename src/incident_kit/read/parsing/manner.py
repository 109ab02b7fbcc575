"""What holds for every line of a log, and how one format's values are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from incident_kit.distinct import categories
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.values.routes import Finder, route_finder
from incident_kit.schema import REQUESTS, Schema, empty

# What a line itself tells.
OWN: Schema = {name: column for name, column in REQUESTS.items() if name != "source"}


@dataclass(frozen=True)
class Manner:
    """What holds for every line: the columns that are wanted, and what the lines do not tell.

    `columns` are columns of REQUESTS, `line_number` always among them; `added` are made of such columns, be
    they wanted or not. `finder` finds the route of a path; `tz` is the zone of times written without one.
    """

    columns: Schema = field(default_factory=lambda: OWN)
    added: Mapping[str, pl.Expr] = field(default_factory=dict)
    finder: Finder = field(default_factory=route_finder)
    tz: str = "UTC"
    repeated: frozenset[str] = frozenset()
    """Columns of text whose values repeat: they become Categorical in what `with_categories` returns."""
    types: Mapping[str, pl.DataType] = field(default_factory=dict)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of all columns that are wanted."""
        return (*self.columns, *self.added)

    @property
    def used(self) -> Schema:
        """The columns of REQUESTS that are wanted, and those that others are made of."""
        roots = {root for made in self.added.values() for root in made.meta.root_names()}
        return {name: column for name, column in OWN.items() if name in self.columns or name in roots}

    def with_categories(self) -> Manner:
        """Return the manner with types of its own for what repeats.

        Types that all frames shared would grow with the log.
        """
        return replace(self, types={name: categories() for name in self.repeated})

    def nothing(self) -> pl.DataFrame:
        """Return no requests, of the wanted columns."""
        return empty(self.used).with_columns(**self.added).select(self.wanted)


@dataclass(frozen=True)
class Reading:
    """How one format's values are to be read: `plain` ones need neither unescaping nor splitting."""

    log_format: LogFormat
    manner: Manner
    plain: bool
