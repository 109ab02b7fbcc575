"""Heatmap of operations that make slow requests slow: critical-path time by percentile of root latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from incident_kit.plot.axes import axes_or_new, label, say_instead, title
from incident_kit.plot.picture import picture_of
from incident_kit.plot.style import INK
from incident_kit.wording import count, milliseconds, shorten

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ROWS = 15
NAME_WIDTH = 46
INCHES_A_ROW, INCHES_AROUND = 0.36, 1.6
DARK = 0.5  # of the colour scale; numbers on darker cells are white
NOTHING = "There are no traces whose time could be shown."


@picture_of(
    "ik.critical_by_percentile(spans)",
    service=pl.String, name=pl.String, band=pl.String, traces=pl.Int64, ms_per_trace=pl.Float64,
)  # fmt: skip
def plot_operation_heatmap(
    bands: pl.DataFrame, *, finding: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the milliseconds a trace of each operation (rows, the largest on top) by band of root latency.

    `bands` is the table of `critical_by_percentile`: `service`, `name`, `band`, `traces`, `ms_per_trace`.
    """
    if bands.is_empty():
        return say_instead(ax, NOTHING)
    rows = _longest_operations(bands)
    columns = bands.unique("band").sort("band").select("band", "traces")
    cells = _cells(bands, rows, columns["band"].to_list())
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_ROW * len(rows))
    _draw_cells(axes, cells)
    axes.set_yticks(range(len(rows)), [label(f"{service}: {name}", NAME_WIDTH) for service, name in rows])
    bands_named = [f"{band}\n{count(traces, 'trace')}" for band, traces in columns.iter_rows()]
    axes.set_xticks(range(len(bands_named)), bands_named)
    axes.set_xlabel("requests by percentile of their latency, the slowest on the right")
    title(axes, finding or _finding(rows, cells))
    return axes


def _longest_operations(bands: pl.DataFrame) -> list[tuple[str, str]]:
    """Return the service and name of the operations with the most time in any band, the largest first."""
    return (
        bands.group_by("service", "name").agg(most=pl.col("ms_per_trace").max())
        .sort("most", "service", "name", descending=[True, False, False]).head(MAX_ROWS)
        .select("service", "name").rows()
    )  # fmt: skip


def _cells(bands: pl.DataFrame, operations: list[tuple[str, str]], columns: list[str]) -> np.ndarray:
    """Return the milliseconds a trace [operation, band]."""
    cells = np.zeros((len(operations), len(columns)))
    for service, name, band, ms in bands.select("service", "name", "band", "ms_per_trace").iter_rows():
        if (service, name) in operations:
            cells[operations.index((service, name)), columns.index(band)] = ms
    return cells


def _draw_cells(axes: Axes, cells: np.ndarray) -> None:
    """Draw every cell as a grey and a number, and the scale beside them."""
    image = axes.imshow(cells, aspect="auto", cmap="Greys", vmin=0)
    for (row, column), ms in np.ndenumerate(cells):
        colour = "white" if ms > DARK * cells.max() else INK
        axes.text(column, row, _short(ms), ha="center", va="center", fontsize=8, color=colour)
    axes.grid(visible=False)
    axes.figure.colorbar(image, ax=axes, label="critical path, ms a trace")


def _short(ms: float) -> str:
    """Return the milliseconds of a cell with few digits; an empty text for zero."""
    if ms < 0.05:
        return ""
    return f"{ms:,.0f}" if ms >= 10 else f"{ms:.1f}"


def _finding(operations: list[tuple[str, str]], cells: np.ndarray) -> str:
    grown = cells[:, -1] - cells[:, 0]
    service, name = operations[int(np.argmax(grown))]
    return f"In slow requests {shorten(f'{service}: {name}')} grows most, by {milliseconds(grown.max())}"
