"""Lines of `key=value` pairs (logfmt), whatever stands before them.

The line `2026-10-10T13:55:36Z app: method=GET status=200` has the values `$method` GET, `$status` 200, and if
no pair has the time, `$time before`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.log_format import Layout
from incident_kit.read.layouts.pairs import cut_out
from incident_kit.read.values.durations import DURATION_WITH_UNIT

LINE = pl.col("line")
# The text before the first pair; in nginx's own example it is a time between quotes. A piece of a line that
# CRI has split is not a line by itself.
BEFORE = r'^([^="]*[ \t]|"[^="]*"[ \t])[^ \t="]+='
PIECE = r"^\S+ std(?:out|err) P "
CLF_TIME = r"(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})"
TIME = r"(\d{4}[-/]\d\d[-/]\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d+)?) ?(Z|[+-]\d\d:?\d\d)?"
ZONED_BEFORE, LOCAL_BEFORE = "time before", "local time before"
"""The names of the values before the pairs: a time with its zone, and one without."""
IN_UNITS = " in units"
"""Suffix of the name of a value that has its own unit, such as `3.1ms`."""


@dataclass(frozen=True)
class KeyValues(Layout):
    """The layout of logfmt: lines of `key=value` pairs.

    A line needs a key of each group in `requires`, and, if there are patterns in `evidence`, a key whose
    pattern matches its value. It must not have all keys of a group in `excludes`. If no
    key of `times` is there, a time before the pairs is a value too. Values of `durations` that have their own
    unit get `IN_UNITS` appended to their names. If `nested_pattern` is given, a key and a pattern, the value
    of the key must match the pattern, whose groups become values as well.
    """

    requires: tuple[tuple[str, ...], ...]
    excludes: tuple[tuple[str, ...], ...] = ()
    times: tuple[str, ...] = ()
    durations: tuple[str, ...] = ()
    nested_pattern: tuple[str, str] | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Split every line: one column for each value that occurs, and `matched`."""
        likely = lines.select(self.hint).to_series()
        values = self._values(lines["line"].filter(likely))
        if not likely.all():
            places = pl.select(pl.when(likely).then(likely.cum_sum() - 1)).to_series()
            values = values.select(
                pl.col("matched").gather(places).fill_null(value=False), pl.exclude("matched").gather(places)
            )
        return lines.hstack(values)

    @property
    def hint(self) -> pl.Expr:
        """Whether a key of each required group may be there."""
        there = [
            LINE.str.contains("|".join(f"{re.escape(key)}=" for key in group))
            for group in self.requires
            if not {ZONED_BEFORE, LOCAL_BEFORE} & set(group)
        ]
        return pl.all_horizontal(there)

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits; most logs have no such line, and then it costs next to nothing."""
        likely = lines.select(self.hint).to_series()
        return self.split(lines)["matched"] if likely.any() else likely

    def _values(self, lines: pl.Series) -> pl.DataFrame:
        """Return a column for each value, and `matched`."""
        before = lines.str.extract(BEFORE)
        frame = pl.DataFrame({"line": lines, "before": before.fill_null("")})
        values = cut_out(frame.select(LINE.str.strip_prefix(pl.col("before"))).to_series())
        values = values.with_columns(matched=values["matched"] & ~frame["before"].str.contains(PIECE))
        if before.null_count() < len(before):
            values = self._with_times(values, before)
        values = values.with_columns(**self._in_units(values.columns), matched=self._complete(values.columns))
        return self._with_parts(values, *self.nested_pattern) if self.nested_pattern else values

    def _with_times(self, values: pl.DataFrame, before: pl.Series) -> pl.DataFrame:
        """Add the times before the pairs to lines whose pairs have none."""
        parts = pl.lit(before).str.extract_groups(TIME).struct
        day, clock, zone = (parts.field(str(group)) for group in (1, 2, 3))
        told = [pl.col(RAW + name).is_not_null() for name in self.times if RAW + name in values.columns]
        untold, local = ~pl.any_horizontal(False, *told), pl.concat_str(day, pl.lit("T"), clock)
        zoned = pl.coalesce(pl.concat_str(local, zone), pl.lit(before).str.extract(CLF_TIME))
        return values.with_columns(
            pl.when(untold).then(zoned).alias(RAW + ZONED_BEFORE),
            pl.when(untold, zone.is_null()).then(local).alias(RAW + LOCAL_BEFORE),
        )

    def _in_units(self, columns: Sequence[str]) -> dict[str, pl.Expr]:
        """Separate the durations with a unit from those without."""
        found: dict[str, pl.Expr] = {}
        for column in (RAW + name for name in self.durations if RAW + name in columns):
            told = pl.col(column).str.contains(DURATION_WITH_UNIT)
            found |= {column: pl.when(~told).then(column), column + IN_UNITS: pl.when(told).then(column)}
        return found

    def _complete(self, columns: Sequence[str]) -> pl.Expr:
        """Return whether a line has what is required of it, and no excluded group as a whole."""
        required = [pl.any_horizontal(False, *_there(group, columns)) for group in self.requires]
        if self.evidence:
            required.append(pl.any_horizontal(False, *self._evident(columns)))
        whole = [there for group in self.excludes if len(there := _there(group, columns)) == len(group)]
        return pl.all_horizontal("matched", *required, *(~pl.all_horizontal(there) for there in whole))

    def _evident(self, columns: Sequence[str]) -> list[pl.Expr]:
        """Return, for each key in `evidence` that is a column, whether its value matches the pattern."""
        patterns = ((RAW + name, pattern) for name, pattern in self.evidence.items())
        return [
            pl.col(column).str.contains(pattern).fill_null(value=False)
            for column, pattern in patterns
            if column in columns
        ]

    def _with_parts(self, values: pl.DataFrame, name: str, pattern: str) -> pl.DataFrame:
        """Add the values that stand inside another value, under the names of the pattern's groups."""
        if RAW + name not in values.columns:
            return values.with_columns(matched=False)
        value = pl.col(RAW + name)
        parts = value.str.extract_groups(pattern).struct
        found = {RAW + group: parts.field(group) for group in re.compile(pattern).groupindex}
        fits = pl.col("matched") & value.str.contains(pattern).fill_null(value=False)
        return values.with_columns(**found, matched=fits)


def _there(names: Sequence[str], columns: Sequence[str]) -> list[pl.Expr]:
    """Return, for each of the names that is a column, whether a line has it."""
    return [pl.col(RAW + name).is_not_null() for name in names if RAW + name in columns]
