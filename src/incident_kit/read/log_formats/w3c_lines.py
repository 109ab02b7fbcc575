"""Layout of W3C extended logs: `Delimited` with fields in quotes and with dates from `#Date:` lines.

The draft and Tomcat write text between quotes. Such text may hold the separator, and a quote in it is
doubled. Where lines have a time but no date, the last `#Date:` line above them has the date.
Sources: W3C working draft WD-logfile-960323; Tomcat documentation, "Extended Access Log Valve".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.delimited import Delimited
from incident_kit.read.values.rewriting import rewrite_matching

LINE, DATED, DATE, TIME = pl.col("line"), pl.col("dated"), RAW + "date", RAW + "time"
# IIS writes the date as `2026-10-10`, the draft writes the month's name.
ISO_DATE, NAMED_DATE = (rf"^#Date:\s*({date})\b" for date in (r"\d{4}-\d\d-\d\d", r"\d\d?-[A-Za-z]{3}-\d{4}"))
# Stands for a missing date. It cannot be parsed, so the line is rejected for a time that cannot be read.
UNREADABLE_DATE = "no date"
# Fields with this prefix are written as the client sent them, so quotes around them are part of the value,
# unless the line's first field, which no client sends, stands in quotes too.
AS_SENT, ALL_QUOTED = "cs-uri", LINE.str.starts_with('"')
# Replaces the separator within quotes while a line is split.
SEPARATOR_STAND_IN = "\x1f"


@dataclass(frozen=True)
class W3cLines(Delimited):
    """Layout of the lines of W3C extended logs: as `Delimited`, with quotes and dates."""

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Split every line: add one column for each field that occurs, and `matched`."""
        values = super().split(lines)
        quotes = values["line"].str.contains('"', literal=True)
        if quotes.any():
            quotes &= values["header"].is_not_null() | values["line"].str.contains(self.line_pattern)
        if quotes.any():
            values = self._without_quotes(values, lines.columns, quotes)
        return _dated(values)

    def _without_quotes(self, values: pl.DataFrame, given: Sequence[str], quotes: pl.Series) -> pl.DataFrame:
        """Take the quotes off the fields.

        Lines that did not match because of quotes are split again, from the columns `given`.
        """
        # IIS does not quote fields and writes a quote in a value as it is, so a line that matches needs no
        # other split.
        wrong = quotes & ~values["matched"]
        parts = [values.filter(~wrong), self._split_quoted(values.filter(wrong).select(given))]
        values = pl.concat(parts, how="diagonal").sort("line_number")
        return values.with_columns(_unquoted(name) for name in values.columns if name.startswith(RAW))

    def _split_quoted(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Split lines at the separators outside of quotes."""
        field = re.compile(rf'(?<![^{self.separator}])"(?:[^"]|"")*"(?![^{self.separator}])')

        def without_separator(found: re.Match[str]) -> str:
            return found[0].replace(self.separator, SEPARATOR_STAND_IN)

        rewritten = rewrite_matching(LINE, '"', lambda line: field.sub(without_separator, line))
        values = super().split(lines.with_columns(rewritten))
        cells = pl.col([name for name in values.columns if name.startswith(RAW)])
        return values.with_columns(cells.str.replace_all(SEPARATOR_STAND_IN, self.separator), lines["line"])


def _unquoted(column: str) -> pl.Expr:
    inside = rewrite_matching(pl.col(column), '^".*"$', lambda value: value[1:-1].replace('""', '"'))
    as_sent = column.startswith(RAW + AS_SENT)
    return (pl.when(ALL_QUOTED).then(inside).otherwise(column) if as_sent else inside).alias(column)


def _dated(values: pl.DataFrame) -> pl.DataFrame:
    """Fill missing dates with the date of the last `#Date:` line above."""
    if TIME not in values.columns:
        return values
    given = values[DATE] if DATE in values.columns else pl.Series([None], dtype=pl.String)
    undated = values[TIME].is_not_null() & given.is_null()
    if not undated.any():
        return values
    named = DATED.str.extract(NAMED_DATE).str.to_date("%d-%b-%Y", strict=False).dt.to_string("%Y-%m-%d")
    above = pl.coalesce(DATED.str.extract(ISO_DATE), named, pl.lit(UNREADABLE_DATE))
    return values.with_columns(pl.when(undated).then(above).otherwise(given).alias(DATE))
