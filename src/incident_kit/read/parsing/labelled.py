"""Lines of `label:value` pairs between tabs (LTSV, ltsv.org)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.template import RAW

PAIR = r"^[A-Za-z0-9_.-]+:[^\t]*\t"
FEWEST_PAIRS = 3


@dataclass(frozen=True)
class Labelled:
    """The layout of such lines; at least one of the labels in `requires` must be there."""

    requires: tuple[str, ...]
    escaped = True
    plain_where_proven = False

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Cut every line: one column a label that occurs, and `matched`."""
        rows = [_pairs(line, self.requires) for line in lines["line"]]
        labels = dict.fromkeys(label for row in rows for label in row)
        return lines.with_columns(
            pl.Series("matched", [bool(row) for row in rows], dtype=pl.Boolean),
            *(pl.Series(RAW + label, [row.get(label) for row in rows], dtype=pl.String) for label in labels),
        )

    def split_block(self, block: Block) -> None:
        """Return nothing: labels may come in any order, and each line has to be looked at."""

    @property
    def hint(self) -> pl.Expr:
        """The first cell has a label."""
        return pl.col("line").str.contains(PAIR)

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits."""
        return self.split(lines)["matched"]

    def loosened(self) -> None:
        """Return nothing: there is no looser way to read such lines."""


def _pairs(line: str, requires: tuple[str, ...]) -> dict[str, str]:
    """Return the values by label; nothing where a cell has no label or no required one is there."""
    cells = [cell.partition(":") for cell in line.split("\t")]
    pairs = {label: value for label, colon, value in cells if colon and label}
    fits = len(pairs) == len(cells) >= FEWEST_PAIRS and any(label in pairs for label in requires)
    return pairs if fits else {}
