"""Heatmap of operations that make slow requests slow: critical-path time by percentile of root latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from incident_kit.plot.axes import axes_or_new, label, say_instead, title
from incident_kit.plot.style import INK, in_house_style
from incident_kit.wording import count, milliseconds, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ROWS = 15
NAME_WIDTH = 46
INCHES_A_ROW, INCHES_AROUND = 0.36, 1.6
DARK = 0.5  # of the colour scale; numbers on darker cells are white
NOTHING = "There are no traces whose time could be shown."


@in_house_style
def plot_operation_heatmap(
    bands: pl.DataFrame, *, finding: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the milliseconds a trace of each operation (rows, the largest on top) by band of root latency.

    `bands` is the table of `critical_by_percentile`: `service`, `name`, `band`, `traces`, `ms_per_trace`.
    """
    if bands.is_empty():
        return say_instead(ax, NOTHING)
    operations = (
        bands.group_by("service", "name").agg(most=pl.col("ms_per_trace").max())
        .sort("most", "service", "name", descending=[True, False, False]).head(MAX_ROWS)
    )  # fmt: skip
    columns = bands.unique("band").sort("band").select("band", "traces")
    rows = {operation: row for row, operation in enumerate(operations.select("service", "name").iter_rows())}
    places = {band: column for column, band in enumerate(columns["band"])}
    cells = np.zeros((len(rows), len(places)))
    for service, name, band, _, ms in bands.iter_rows():
        if (service, name) in rows:
            cells[rows[service, name], places[band]] = ms
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_ROW * len(rows))
    image = axes.imshow(cells, aspect="auto", cmap="Greys", vmin=0)
    for (row, column), ms in np.ndenumerate(cells):
        colour = "white" if ms > DARK * cells.max() else INK
        axes.text(column, row, _short(ms), ha="center", va="center", fontsize=8, color=colour)
    axes.set_yticks(range(len(rows)), [label(f"{service}: {name}", NAME_WIDTH) for service, name in rows])
    axes.set_xticks(
        range(len(places)), [f"{band}\n{count(traces, 'trace')}" for band, traces in columns.iter_rows()]
    )
    axes.set_xlabel("requests by percentile of their latency, the slowest on the right")
    axes.grid(visible=False)
    axes.figure.colorbar(image, ax=axes, label="critical path, ms a trace")
    title(axes, finding or _finding(operations, cells))
    return axes


def _short(ms: float) -> str:
    """Return the milliseconds of a cell with few digits; an empty text for zero."""
    if ms < 0.05:
        return ""
    return f"{ms:,.0f}" if ms >= 10 else f"{ms:.1f}"


def _finding(operations: pl.DataFrame, cells: np.ndarray) -> str:
    grown = cells[:, -1] - cells[:, 0]
    service, name = operations.select("service", "name").row(int(np.argmax(grown)))
    return f"In slow requests {shorten(f'{service}: {name}')} grows most, by {milliseconds(grown.max())}"
