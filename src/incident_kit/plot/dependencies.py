"""Draw the ranking of dependencies: the score of all evidence and the share of extra time or failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incident_kit.plot.axes import axes_or_new, label, legend_below, say_instead, title
from incident_kit.plot.picture import picture_of
from incident_kit.plot.rows import draw_shares, draw_zero, name_rows
from incident_kit.plot.style import BLUE, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_BARS = 8
NOTHING = "There is no evidence about dependencies to rank."
UNASKED = "Dependencies are ranked for an incident; none is shown here."
INCHES_A_BAR, INCHES_AROUND = 0.42, 1.8
WHOLE = 101.5  # per cent: the axis reaches past 100, so that one sees how far a score is from full
BESIDE = 0.015  # margin as a part of the width, so that a diamond at zero is not cut in half


@picture_of(
    "found.dependencies",
    incident=pl.Int64, name=pl.String, kind=pl.String, score=pl.Float64,
    share=pl.Float64, low=pl.Float64, high=pl.Float64, stated=pl.Boolean,
)  # fmt: skip
def plot_dependencies(
    dependencies: pl.DataFrame,
    incident: int | None = 0,
    *,
    finding: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one bar per dependency for its score, and a diamond for its share with the interval.

    A stated dependency, which the evidence separates from its rivals, has a filled bar; a candidate has a
    hollow one.

    Parameters
    ----------
    dependencies
        `incident, name, kind, score, share, low, high, stated`, sorted by score.
    incident
        The number of the incident. With None the picture says that there is none.
    """
    if incident is None:
        return say_instead(ax, UNASKED)
    rows = dependencies.filter(incident=incident)[:MAX_BARS]
    if rows.is_empty():
        return say_instead(ax, NOTHING)
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_BAR * max(rows.height, 2))
    _draw_scores(axes, rows)
    draw_shares(axes, rows, marker="D", color="white", markeredgecolor=INK, markersize=6)
    axes.margins(x=BESIDE)
    axes.use_sticky_edges = False
    axes.set_xlim(right=max(axes.get_xlim()[1], WHOLE))
    draw_zero(axes)
    names = [f"{label(name)}\n{kind}" for name, kind in rows.select("name", "kind").iter_rows()]
    name_rows(axes, names)
    axes.set_xlabel("score of all evidence (bar) and share of the change (diamond, 95 % interval), %")
    _legend(axes)
    title(axes, finding or _finding(rows))
    return axes


def _draw_scores(axes: Axes, rows: pl.DataFrame) -> None:
    """Draw a bar a row, as long as its score in per cent, and full where the cause is stated."""
    axes.barh(
        range(rows.height),
        100 * rows["score"].to_numpy(),
        height=0.62,
        color=[BLUE if stated else "white" for stated in rows["stated"]],
        edgecolor=BLUE,
        linewidth=1.2,
    )


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    legend_below(
        axes,
        [
            Patch(facecolor=BLUE, edgecolor=BLUE, label="score, stated as cause"),
            Patch(facecolor="white", edgecolor=BLUE, label="score, a candidate"),
            Line2D([], [], linestyle="-", color=INK, marker="D", markerfacecolor="white", label="share"),
        ],
    )


def _finding(rows: pl.DataFrame) -> str:
    stated = rows.filter("stated")["name"].to_list()
    if stated:
        return f"The evidence points to {stated[0]}"
    if rows["score"][0] <= 0:
        return "Nothing about any dependency changed beyond chance"
    return "No dependency is surely the cause"
