"""Heatmap of durations over time, which shows whether all requests slowed down or a slow group appeared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.axes import axes_or_new, draw_target, say_instead, title
from incident_kit.plot.over_time import LONE_BUCKET, instants, mark_incidents, time_axis
from incident_kit.plot.picture import picture_of
from incident_kit.schema import TIME_US
from incident_kit.slo import Targets
from incident_kit.wording import milliseconds

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

QUESTION = "Did all requests slow down, or did a slow group appear?"
NOTHING = "No request has a duration, so there is no distribution to draw."
PALEST = 0.4  # below one request, so that one request is still visible against none
EDGE_DIGITS = 6  # bands grow by at least 1.1 %: so rounded, touching edges are equal, and no others


@picture_of(
    "ik.latency_bands(requests)",
    time=TIME_US, low_ms=pl.Float64, high_ms=pl.Float64, requests=pl.Int64,
)  # fmt: skip
def plot_latency_heatmap(
    durations: pl.DataFrame,
    *,
    incidents: pl.DataFrame | None = None,
    targets: Targets | None = None,
    question: str = QUESTION,
    tz: str = "UTC",
    ax: Axes | None = None,
) -> Axes:
    """Draw how many requests took how long at what time; a darker cell holds more requests.

    Parameters
    ----------
    durations
        `time, low_ms, high_ms, requests`: a row for each time bucket and band of durations with requests.

    Raises
    ------
    SchemaError
        If a column is absent.
    """
    if durations.is_empty():
        return say_instead(ax, NOTHING)
    axes, cells, wanted = axes_or_new(ax), _cells(durations), targets or Targets()
    _explain_shades(axes, _draw_cells(axes, cells))
    _scale_durations(axes)
    axes.grid(visible=False)
    draw_target(axes, wanted.latency_ms, milliseconds(wanted.latency_ms))
    mark_incidents(axes, incidents)
    time_axis(axes, cells["time"], tz)
    title(axes, question)
    return axes


def _draw_cells(axes: Axes, cells: pl.DataFrame) -> QuadMesh:
    """Draw each cell between its edges in time and duration, as dark as the logarithm of its requests."""
    from matplotlib.colors import LogNorm

    times, bounds = _edges(cells["time"], cells["until"]), _edges(cells["low_ms"], cells["high_ms"])
    return axes.pcolormesh(
        instants(times),
        bounds.to_numpy(),
        _grid(cells, times, bounds),
        norm=LogNorm(vmin=PALEST, vmax=max(2, int(cells["requests"].to_numpy().max()))),
        rasterized=True,
    )


def _scale_durations(axes: Axes) -> None:
    from matplotlib.ticker import LogFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(LogFormatter())
    axes.set_ylabel("duration, ms")


def _explain_shades(axes: Axes, mesh: QuadMesh) -> None:
    """Put the bar beside the axes that says how many requests a shade stands for."""
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.01, format="%g")
    bar.set_label("requests")
    bar.ax.yaxis.set_minor_formatter("")


def _edges(low: pl.Series, high: pl.Series) -> pl.Series:
    """Return every distinct cell edge in ascending order; a gap between two bands becomes a band."""
    return pl.concat([low, high]).unique().sort()


def _cells(durations: pl.DataFrame) -> pl.DataFrame:
    """Add `until`, the end of each time bucket, and round edges so that touching bands share one."""
    step = durations["time"].unique().sort().diff().min() or LONE_BUCKET
    return durations.with_columns(
        pl.col("low_ms", "high_ms").round_sig_figs(EDGE_DIGITS), until=pl.col("time") + pl.lit(step)
    )


def _grid(cells: pl.DataFrame, times: pl.Series, bounds: pl.Series) -> np.ndarray[Any, Any]:
    """Return the requests by band (rows) and time (columns), NaN where there are none."""
    import numpy as np

    grid = np.full((bounds.len() - 1, times.len() - 1), np.nan)
    rows, columns = bounds.search_sorted(cells["low_ms"]), times.search_sorted(cells["time"])
    grid[rows.to_numpy(), columns.to_numpy()] = cells["requests"].to_numpy()
    return grid
