"""Draw what a release changed: each change with its interval, and the smallest change the data could show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.plot.axes import axes_or_new, label, legend_below, say_instead, title
from incident_kit.plot.picture import picture_of
from incident_kit.plot.rows import draw_zero, name_rows
from incident_kit.plot.style import BLUE, GREY, VERMILLION
from incident_kit.wording import EVERYWHERE, IMPROVEMENT, REGRESSION, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_ROWS = 10
NOTHING = "No endpoint has enough requests on both sides to be compared."
INCHES_A_ROW, INCHES_AROUND = 0.36, 1.8
NOUNS = {"errors": "failed requests", "latency": "slow requests"}
LOOKS = {REGRESSION: (VERMILLION, "s"), IMPROVEMENT: (BLUE, "v")}
OTHER_LOOK = (GREY, "o")


@picture_of(
    "ik.compare(before, after).changes",
    indicator=pl.String, method=pl.String, route=pl.String, change=pl.Float64,
    low=pl.Float64, high=pl.Float64, detectable=pl.Float64, verdict=pl.String,
)  # fmt: skip
def plot_changes(
    changes: pl.DataFrame, indicator: str = "errors", *, question: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how a share of bad requests changed, over all requests and by endpoint.

    The pale bar around zero is the range that chance alone explains. A change outside it is significant.

    Parameters
    ----------
    changes
        `Comparison.changes`: [indicator, method, route, change, low, high, detectable, verdict].
    indicator
        `errors` or `latency`.

    Raises
    ------
    ParameterError
        If `indicator` is neither.
    """
    if indicator not in NOUNS:
        raise ParameterError(f"There is no indicator {indicator!r} to draw; it is {listed([*NOUNS], 'or')}.")
    rows = changes.filter(pl.col("indicator") == indicator, pl.col("change").is_not_nan()).drop_nulls(
        "change"
    )
    if rows.is_empty():
        return say_instead(ax, NOTHING)
    rows = rows.sort(pl.col("change").abs(), descending=True)[:MAX_ROWS]
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_ROW * rows.height)
    for place, row in enumerate(rows.iter_rows(named=True)):
        _draw(axes, place, row)
    axes.use_sticky_edges = False  # keeps a margin, so that the widest pale bar does not look cut off
    draw_zero(axes)
    names = [_name(row["method"], row["route"]) for row in rows.iter_rows(named=True)]
    name_rows(axes, names)
    axes.set_xlabel("change from before to after, percentage points (95 % interval)")
    _legend(axes)
    title(axes, question or f"Did the share of {NOUNS[indicator]} change?")
    return axes


def _name(method: str | None, route: str) -> str:
    return "all requests" if route == EVERYWHERE else label(f"{method or ''} {route}".strip())


def _draw(axes: Axes, place: int, row: dict[str, object]) -> None:
    change, low, high = (100 * float(str(row[name])) for name in ("change", "low", "high"))
    colour, marker = LOOKS.get(str(row["verdict"]), OTHER_LOOK)
    if row["detectable"] is not None:
        reach = 100 * float(str(row["detectable"]))
        axes.barh(place, 2 * reach, left=-reach, height=0.7, color=GREY, alpha=0.15, zorder=0.5)
    axes.hlines(place, low, high, color=colour, linewidth=1.8)
    axes.plot(change, place, marker=marker, color=colour, linestyle="", markersize=7)


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    looks = {**LOOKS, "no change, moved traffic, not enough data": OTHER_LOOK}
    marks = [
        Line2D([], [], color=colour, marker=marker, label=name) for name, (colour, marker) in looks.items()
    ]
    unseen = Patch(color=GREY, alpha=0.15, label="too small to be seen")
    legend_below(axes, [*marks, unseen])
