"""The three panels of a picture of rate, errors and duration, each over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.axes import draw_target
from incident_kit.plot.over_time import instants, lone_marker
from incident_kit.plot.style import BLUE, INK, ORANGE, SKY, VERMILLION
from incident_kit.slo import Targets
from incident_kit.wording import milliseconds, rate

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

Dash = str | tuple[float, tuple[float, ...]]
# Each quantile has its own lightness, dash and width, so that it can be told apart in greyscale.
# Dotted lines are reserved for targets.
QUANTILES = (("p50_ms", "p50", SKY, "-"), ("p95_ms", "p95", BLUE, "-"), ("p99_ms", "p99", INK, (0, (5, 1.5))))
# White, so that the edge of an incident does not run through the words of the legend.
BACKED: dict[str, Any] = {"frameon": True, "facecolor": "white", "edgecolor": "none", "framealpha": 0.85}
LEGEND_HEADROOM = 0.2  # of a panel's height: the legend and the gap around it
FOOTROOM = 1.2  # room below, so that a constant line does not lie on the axis
ERROR_HEADROOM = 2.5  # the error axis reaches to this multiple of the target when nothing fails


@dataclass(frozen=True)
class Panel:
    """One of the stacked panels: the column it requires, its height, and the function that draws it."""

    column: str
    height: float
    draw: Callable[[Axes, pl.DataFrame, Targets], None]


def _look(red: pl.DataFrame, colour: str, dash: Dash = "-") -> dict[str, Any]:
    return {"color": colour, "linestyle": dash, "marker": lone_marker(red["time"])}


def _fill_below(ax: Axes, times: np.ndarray[Any, Any], values: np.ndarray[Any, Any], colour: str) -> None:
    """Fill the area below a line of `steps-mid`, also next to a gap.

    There the steps of matplotlib's fill end half a step before those of its line.
    """
    import numpy as np

    middles = times[:-1] + (times[1:] - times[:-1]) / 2
    edges = np.concatenate([times[:1], np.repeat(middles, 2), times[-1:]])
    ax.fill_between(edges, np.repeat(np.nan_to_num(values), 2), color=colour, alpha=0.35, linewidth=0)


def _draw_rate(ax: Axes, red: pl.DataFrame, _: Targets) -> None:
    times = instants(red["time"])
    _fill_below(ax, times, red["requests_per_s"].to_numpy(), SKY)
    ax.plot(times, red["requests_per_s"].to_numpy(), drawstyle="steps-mid", **_look(red, BLUE))
    ax.set_ylim(bottom=0)
    ax.set_ylabel("rate,\nrequests/s")


def _draw_errors(ax: Axes, red: pl.DataFrame, targets: Targets) -> None:
    times, rates = instants(red["time"]), 100 * red["error_rate"].fill_null(0).to_numpy()
    _fill_below(ax, times, rates, ORANGE)
    ax.plot(times, rates, drawstyle="steps-mid", **_look(red, VERMILLION))
    target = 100 * targets.error_rate
    ax.set_ylim(0, max(ERROR_HEADROOM * target, 1.08 * rates.max()))
    draw_target(ax, target, rate(targets.error_rate))
    ax.set_ylabel("errors,\n% of requests")


def _draw_duration(ax: Axes, red: pl.DataFrame, targets: Targets) -> None:
    for column, name, colour, dash in QUANTILES:
        ax.plot(instants(red["time"]), red[column].to_numpy(), label=name, **_look(red, colour, dash))
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter("")
    low, high = ax.get_ylim()
    foot, top = low / FOOTROOM, max(high, targets.latency_ms)
    ax.set_ylim(foot, foot * (top / foot) ** (1 / (1 - LEGEND_HEADROOM)))
    draw_target(ax, targets.latency_ms, milliseconds(targets.latency_ms))
    ax.set_ylabel("duration,\nms")
    ax.legend(loc="upper left", ncols=len(QUANTILES), **BACKED)


PANELS = (
    Panel("requests_per_s", 1.0, _draw_rate),
    Panel("error_rate", 1.0, _draw_errors),
    Panel("p95_ms", 1.5, _draw_duration),
)
