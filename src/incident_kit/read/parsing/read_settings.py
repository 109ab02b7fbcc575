"""The settings for reading a log: the wanted columns, the routes, the time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from incident_kit.distinct import categories
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.values.routes import Finder, route_finder
from incident_kit.schema import REQUESTS, Schema, empty

# The columns that come from the line itself.
OWN: Schema = {name: column for name, column in REQUESTS.items() if name != "source"}


@dataclass(frozen=True)
class ReadSettings:
    """The settings that hold for every line of a log.

    `columns` are the wanted columns of REQUESTS, `line_number` always among them. `added` are further
    columns, computed from columns of REQUESTS whether those are wanted or not. `finder` finds the route of a
    path. `tz` is the zone of times written without one.
    """

    columns: Schema = field(default_factory=lambda: OWN)
    added: Mapping[str, pl.Expr] = field(default_factory=dict)
    finder: Finder = field(default_factory=route_finder)
    tz: str = "UTC"
    repeated: frozenset[str] = frozenset()
    """Text columns whose values repeat; `with_categories` makes them Categorical."""
    types: Mapping[str, pl.DataType] = field(default_factory=dict)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of all wanted columns."""
        return (*self.columns, *self.added)

    @property
    def used(self) -> Schema:
        """The columns of REQUESTS that are wanted or that `added` columns are computed from."""
        roots = {root for made in self.added.values() for root in made.meta.root_names()}
        return {name: column for name, column in OWN.items() if name in self.columns or name in roots}

    @property
    def order_counts(self) -> bool:
        """Whether the lines of several sources may not be mixed.

        When clocks are set back, only the order of a log's lines tells which of two equal hours a time
        belongs to.
        """
        return self.tz != "UTC"

    def with_categories(self) -> ReadSettings:
        """Return the settings with a new categorical type for each repeated column.

        One type shared by all frames would grow with the log.
        """
        return replace(self, types={name: categories() for name in self.repeated})

    def nothing(self) -> pl.DataFrame:
        """Return an empty frame with the wanted columns."""
        return empty(self.used).with_columns(**self.added).select(self.wanted)


@dataclass(frozen=True)
class ValueReading:
    """How to read one format's values; `plain` values need neither unescaping nor splitting."""

    log_format: LogFormat
    settings: ReadSettings
    plain: bool
