"""Lines split at a separator, with fields named by the last `#Fields:` line above: W3C extended logs.

Below `#Fields: time cs-method sc-status`, the line `13:55:36 GET 200` has the values `$time` 13:55:36,
`$cs-method` GET and `$sc-status` 200.

Source: W3C working draft WD-logfile-960323.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.log_format import Layout

FIELDS = "#Fields:"


@dataclass(frozen=True)
class Delimited(Layout):
    """The layout of lines split at `separator`.

    A header must name at least one field of `requires` and none of `excludes`. Without a header, `default`
    names the fields, of which at least `min_fields` must be there, and the line must match `line_pattern`. A
    `headless` layout reads no line below a header.
    """

    separator: str
    requires: tuple[str, ...]
    default: tuple[str, ...] = ()
    min_fields: int = 0
    excludes: tuple[str, ...] = ()
    line_pattern: str = ""
    headless: bool = False

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Split every line: one column for each field that occurs, and `matched`."""
        parts = [
            self._cut(part, str(header[0]) if header[0] is not None else None)
            for header, part in lines.group_by("header", maintain_order=True)
        ]
        return pl.concat(parts, how="diagonal").sort("line_number") if parts else self._cut(lines, None)

    @property
    def hint(self) -> pl.Expr:
        """Whether a header names the fields, or the line is one of those whose fields need no header."""
        there = pl.col("line").str.count_matches(self.separator, literal=True)
        bare = (there >= max(1, self.min_fields - 1)) & pl.col("line").str.contains(self.line_pattern)
        return pl.col("header").is_not_null() | (bare & bool(self.default))

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits; most logs have no such line, and then it costs little."""
        if not lines.select(self.hint.any()).item():
            return pl.repeat(value=False, n=len(lines), eager=True)
        return self.split(lines)["matched"]

    def _cut(self, lines: pl.DataFrame, header: str | None) -> pl.DataFrame:
        names = tuple(header.removeprefix(FIELDS).split()) if header else self.default
        min_fields = len(names) if header else self.min_fields
        wrong = set(self.excludes) & set(names) or len(set(names)) < len(names) or (header and self.headless)
        if wrong or not set(self.requires) & set(names):
            return lines.with_columns(matched=pl.lit(value=False))
        line = pl.col("line")
        cells = line.str.split_exact(self.separator, len(names) - 1)
        named = cells.struct.rename_fields([RAW + name for name in names])
        count = line.str.count_matches(self.separator, literal=True) + 1
        fits = count.is_between(min_fields, len(names)) & ~line.str.starts_with("#")
        fits = fits if header else fits & line.str.contains(self.line_pattern)
        return lines.with_columns(fits.alias("matched"), named.alias("cells")).unnest("cells")
