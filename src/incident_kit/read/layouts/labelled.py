"""Lines of `label:value` pairs separated by tabs (LTSV, ltsv.org)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.log_format import Layout
from incident_kit.read.layouts.pairs import begins_again

# Labels consist of the characters that ltsv.org allows. A label that begins with a digit is a time put before
# the line. A file's name with another label after it was put before the line too. Neither belongs to a pair.
PAIR = r"[0-9A-Za-z_.-]+:[^\t]*"
THREE_PAIRS_OR_MORE = rf"^[A-Za-z_]{PAIR}(?:\t{PAIR}){{2,}}$"
FILE_BEFORE = r"^[\w-]+\.[\w.-]*:[A-Za-z_]\w*:[^/\t]"
LINE = pl.col("line")
# A name that no label can have.
ROW = ":row"


@dataclass(frozen=True)
class Labelled(Layout):
    """The layout of LTSV; a line needs at least one of the labels in `requires`."""

    requires: tuple[str, ...]
    escaped = True

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Split every line: one column for each label that occurs, and `matched`."""
        matched = lines.with_row_index(ROW).with_columns(matched=self.hint)
        pairs = _pairs(matched.filter("matched"))
        if pairs.is_empty():
            return matched.drop(ROW)
        values = _by_label(pairs)
        if values.drop(ROW).count().sum_horizontal().sum() < len(pairs):
            values = _by_label(_numbered(pairs))
            torn = _torn(pairs)
            matched = matched.with_columns(pl.col("matched") & ~pl.col(ROW).is_in(torn))
        return matched.join(values, on=ROW, how="left", maintain_order="left").drop(ROW)

    @property
    def hint(self) -> pl.Expr:
        """Whether every cell has a label, and a required label is there."""
        labels = "|".join(re.escape(label) for label in self.requires)
        there = LINE.str.contains(rf"(?:^|\t)(?:{labels}):")
        return LINE.str.contains(THREE_PAIRS_OR_MORE) & there & ~LINE.str.contains(FILE_BEFORE)

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits; most logs have no such line, and then it costs little."""
        likely = lines.select(self.hint).to_series()
        return self.split(lines)["matched"] if likely.any() else likely


def _pairs(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the row, `label` and `value` of every cell."""
    cells = lines.select(ROW, LINE.str.split("\t")).explode("line")
    parts = LINE.str.splitn(":", 2).struct
    return cells.select(ROW, label=parts.field("field_0"), value=parts.field("field_1"))


def _by_label(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return a column for each label."""
    values = pairs.pivot("label", index=ROW, values="value", aggregate_function="first")
    return values.select(ROW, pl.exclude(ROW).name.prefix(RAW))


def _numbered(pairs: pl.DataFrame) -> pl.DataFrame:
    """Append a number to a label that occurs again in its line, so that both values are kept."""
    times = pl.int_range(1, pl.len() + 1).over(ROW, "label")
    return pairs.with_columns(pl.when(times > 1).then(pl.format("{}#{}", "label", times)).otherwise("label"))


def _torn(pairs: pl.DataFrame) -> list[int]:
    """Return the rows in which a second line begins."""
    labels = (
        pairs.group_by(ROW).agg("label").filter(pl.col("label").list.n_unique() < pl.col("label").list.len())
    )
    return [row for row, names in labels.rows() if begins_again(names)]
