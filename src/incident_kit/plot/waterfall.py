"""Waterfall of one trace: each span as a bar, and below it the usual range of its operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.axes import axes_or_new, drawn_length, label, say_instead, title
from incident_kit.plot.picture import picture_of
from incident_kit.plot.rows import name_rows
from incident_kit.plot.style import BLUE, INK, VERMILLION
from incident_kit.wording import count, milliseconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_BARS = 40
NAME_WIDTH = 46
INDENT = "  "
MAX_INDENTS = 10  # a deeper span begins no further right: its bar needs the room
BELOW_THE_BAR = 0.36  # of a row
INCHES_A_BAR, INCHES_AROUND, INCHES_TO_LEGEND = 0.3, 1.5, 0.5
NOTHING = "There is no trace to draw."


@picture_of(
    "ik.explain_trace(spans, trace_id)",
    order=pl.Int64, depth=pl.Int64, service=pl.String, name=pl.String, status=pl.String,
    begin_ms=pl.Float64, duration_ms=pl.Float64, self_ms=pl.Float64,
    usual_low_ms=pl.Float64, usual_ms=pl.Float64, usual_high_ms=pl.Float64,
    excess_ms=pl.Float64, unusual=pl.Boolean,
)  # fmt: skip
def plot_waterfall(explained: pl.DataFrame, *, finding: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the spans of one trace, each with the usual range of its operation below its bar.

    The bar is the span; its filled part is as long as its self time. A span whose self time is above the
    usual range is red and hatched. The line below the bar spans the 5th to the 95th percentile of the
    operation's duration in the other traces, the tick is the median. `explained` is the table of
    `explain_trace`.
    """
    if explained.is_empty():
        return say_instead(ax, NOTHING)
    shown = explained.sort("duration_ms", descending=True).head(MAX_BARS).sort("order")
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_BAR * shown.height)
    for place, span in enumerate(shown.iter_rows(named=True)):
        _draw_span(axes, place, span)
        if span["usual_ms"] is not None:
            _draw_usual(axes, place + BELOW_THE_BAR, span)
    _names(axes, shown)
    _legend(axes, shown.height)
    axes.margins(x=0.12, y=1 / (2 + shown.height))
    axes.set_xlim(left=min(0.0, float(shown["begin_ms"].to_numpy().min())))
    left_out = explained.height - shown.height
    axes.set_xlabel(
        "ms since the root's start" + (f"; {count(left_out, 'shorter span')} left out" if left_out else "")
    )
    title(axes, finding or _finding(explained))
    return axes


def _draw_span(axes: Axes, place: int, span: dict[str, Any]) -> None:
    """Draw a span as a pale bar, its own time in full, and beside it how long it took."""
    is_unusual = bool(span["unusual"])
    colour = VERMILLION if is_unusual else BLUE
    begin, duration = span["begin_ms"], span["duration_ms"] or 0.0
    axes.barh(place, duration, left=begin, height=0.5, color=colour, alpha=0.3, linewidth=0)
    axes.barh(
        place, span["self_ms"] or 0.0, left=begin, height=0.5, color=colour, linewidth=0,
        hatch="///" if is_unusual else None, edgecolor="white",
    )  # fmt: skip
    axes.annotate(
        f"{milliseconds(duration)}{' failed' if span['status'] == 'error' else ''}",
        (begin + duration, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8,
    )  # fmt: skip


def _draw_usual(axes: Axes, height: float, span: dict[str, Any]) -> None:
    """Draw the usual range of the span's operation from the span's begin on, with a tick at its median."""
    begin = span["begin_ms"]
    axes.hlines(height, begin + span["usual_low_ms"], begin + span["usual_high_ms"], color=INK, linewidth=1.4)
    axes.plot(begin + span["usual_ms"], height, marker="|", color=INK, markersize=6)


def _names(axes: Axes, shown: pl.DataFrame) -> None:
    names = [
        f"{INDENT * min(depth, MAX_INDENTS)}{label(f'{service}: {name}', NAME_WIDTH)}"
        for depth, service, name in shown.select("depth", "service", "name").iter_rows()
    ]
    name_rows(axes, names, ha="left", fontsize=8)
    axes.tick_params(axis="y", pad=8 + 5.0 * max(map(drawn_length, names)))


def _legend(axes: Axes, rows: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    axes.legend(
        handles=[
            Patch(facecolor=BLUE, label="own time"),
            Patch(facecolor=BLUE, alpha=0.3, label="waiting for children"),
            Patch(facecolor=VERMILLION, hatch="///", edgecolor="white", label="own time beyond its usual"),
            Line2D([], [], color=INK, marker="|", label="usual: p5, median, p95"),
        ],
        loc="upper right",  # on the left, long labels leave too little room
        bbox_to_anchor=(1, -INCHES_TO_LEGEND / (INCHES_A_BAR * rows)),
        ncols=4,
        fontsize=8,
    )


def _finding(explained: pl.DataFrame) -> str:
    worst = explained.filter(pl.col("unusual")).sort("excess_ms", descending=True).head(1)
    if worst.is_empty():
        return "No span of this trace took longer than its operation usually does"
    (row,) = worst.to_dicts()
    return f"{row['service']}: {row['name']} took {milliseconds(row['excess_ms'])} more of its own than usual"
