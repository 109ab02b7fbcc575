"""A small table for people: headings in words, numbers with units, every cell plain text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from incident_kit.inert import NO_FORMULA_CLASS, for_html, for_terminal, sentence_html
from incident_kit.reports.prose.cells import ADVICE, head, writer
from incident_kit.schema import AnyFrame, to_polars

MAX_ROWS = 15  # rows read at a glance; the whole frame is in `frame`
WORDS = 24  # characters of a text that does not wrap, such as an interval
NO_ROWS = "There is nothing to show here."

VERDICTS = {"met": "met", "breached": "breached", "regression": "breached"}
"""The colour of each verdict, in addition to its word."""

LEFT = ' style="text-align: left"'
"""JupyterLab aligns all table cells to the right, which makes text of several lines hard to read."""


@dataclass(frozen=True)
class Table:
    """A frame that displays itself as a table in words; `frame` is the frame itself."""

    frame: pl.DataFrame
    caption: str = ""
    nothing: str = NO_ROWS

    def cells(self) -> list[list[str]]:
        """Return the rows that are shown, as text."""
        shown = self.frame[:MAX_ROWS]
        columns = [
            ["" if value is None else writer(name, dtype)(value) for value in shown[name]]
            for name, dtype in shown.schema.items()
        ]
        return [list(row) for row in zip(*columns, strict=True)]

    @property
    def _heads(self) -> list[str]:
        return [head(name) for name in self.frame.columns]

    @property
    def _rest(self) -> str:
        hidden = self.frame.height - MAX_ROWS
        return f"and {hidden:,} more rows" if hidden > 0 else ""

    def __repr__(self) -> str:
        if self.frame.is_empty():
            return self.nothing
        rows = [" | ".join(for_terminal(cell) for cell in row) for row in [self._heads, *self.cells()]]
        return "\n".join(part for part in (self.caption, *rows, self._rest) if part)

    def _repr_html_(self) -> str:
        if self.frame.is_empty():
            return f'<p class="ik-say {NO_FORMULA_CLASS}">{for_html(self.nothing)}</p>'
        numeric = [dtype.is_numeric() for dtype in self.frame.dtypes]
        heads = _row("th", map(for_html, self._heads), numeric)
        writers = [sentence_html if name in ADVICE else for_html for name in self.frame.columns]
        rows = [[write(cell) for write, cell in zip(writers, cells, strict=True)] for cells in self.cells()]
        body = "".join(f"<tr>{_row('td', cells, numeric)}</tr>" for cells in rows)
        caption = f"<caption{LEFT}>{for_html(self.caption)}</caption>" if self.caption else ""
        rest = f"<p>{self._rest}</p>" if self._rest else ""
        parts = f"{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>"
        return f'<table class="ik-table {NO_FORMULA_CLASS}">{parts}</table>{rest}'


def _row(tag: str, cells: Iterable[str], numeric: list[bool]) -> str:
    """Return the cells of a row, which are HTML already."""
    return "".join(
        f'<{tag} class="{_classes(cell, is_number)}"{"" if is_number else LEFT}>{cell}</{tag}>'
        for cell, is_number in zip(cells, numeric, strict=True)
    )


def _classes(cell: str, is_number: bool) -> str:
    """Return the CSS classes of a cell: short texts do not wrap, which leaves the width to long ones."""
    if is_number:
        return "ik-number"
    return " ".join(filter(None, ("ik-text", "ik-words" * (len(cell) <= WORDS), VERDICTS.get(cell))))


def table(frame: AnyFrame, caption: str = "", *, tz: str = "UTC", nothing: str = NO_ROWS) -> Table:
    """Show a small frame to people, with times in the zone `tz`; a column of nulls only is left out.

    `nothing` is displayed instead of a table without rows.
    """
    frame = to_polars(frame)
    empty = [name for name in frame.columns if frame.height and frame[name].null_count() == frame.height]
    times = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    zoned = frame.drop(empty).with_columns(
        pl.col(name).dt.convert_time_zone(tz) for name in times if name not in empty
    )
    return Table(zoned, caption, nothing)
