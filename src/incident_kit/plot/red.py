"""Rate, errors and duration over time: shows when an incident began and how bad it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.errors import SchemaError
from incident_kit.plot.over_time import (
    draw_events,
    instants,
    lone_marker,
    shade_incidents,
    time_axis,
    time_limits,
)
from incident_kit.plot.style import (
    BLUE,
    INK,
    ORANGE,
    SKY,
    VERMILLION,
    draw_target,
    in_house_style,
    say_instead,
    title,
)
from incident_kit.slo import Targets
from incident_kit.wording import milliseconds, rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUESTION = "When did it begin, and how bad is it?"
CALM = "How did the service do?"
NOTHING = "There is no valid request to draw over time."
ONE_GROUP = "filter it to one endpoint, or measure it without `by`"
Dash = str | tuple[float, tuple[float, ...]]
# Each quantile has its own lightness, dash and width, so that it can be told apart in greyscale.
# Dotted lines are reserved for targets.
QUANTILES = (("p50_ms", "p50", SKY, "-"), ("p95_ms", "p95", BLUE, "-"), ("p99_ms", "p99", INK, (0, (5, 1.5))))
# White, so that the edge of an incident does not run through the words of the legend.
BACKED: dict[str, Any] = {"frameon": True, "facecolor": "white", "edgecolor": "none", "framealpha": 0.85}
LEGEND_HEADROOM = 0.2  # of a panel's height: the legend and the gap around it
FOOTROOM = 1.2  # room below, so that a constant line does not lie on the axis
NEARLY_ALL = 0.95  # least part of the requests to draw: in a log of ten lines the tenth may be the error
ERROR_HEADROOM = 2.5  # the error axis reaches to this multiple of the target when nothing fails


@dataclass(frozen=True)
class Panel:
    """One of the stacked panels: the column it requires, its height, and the function that draws it."""

    column: str
    height: float
    draw: Callable[[Axes, pl.DataFrame, Targets], None]


def _look(red: pl.DataFrame, colour: str, dash: Dash = "-") -> dict[str, Any]:
    return {"color": colour, "linestyle": dash, "marker": lone_marker(red["time"])}


def _rate(ax: Axes, red: pl.DataFrame, _: Targets) -> None:
    times = instants(red["time"])
    ax.fill_between(times, red["requests_per_s"].to_numpy(), step="mid", color=SKY, alpha=0.35, linewidth=0)
    ax.plot(times, red["requests_per_s"].to_numpy(), drawstyle="steps-mid", **_look(red, BLUE))
    ax.set_ylim(bottom=0)
    ax.set_ylabel("rate,\nrequests/s")


def _errors(ax: Axes, red: pl.DataFrame, targets: Targets) -> None:
    times, rates = instants(red["time"]), 100 * red["error_rate"].fill_null(0).to_numpy()
    ax.fill_between(times, rates, step="mid", color=ORANGE, alpha=0.35, linewidth=0)
    ax.plot(times, rates, drawstyle="steps-mid", **_look(red, VERMILLION))
    target = 100 * targets.error_rate
    ax.set_ylim(0, max(ERROR_HEADROOM * target, 1.08 * rates.max()))
    draw_target(ax, target, f"target\n{rate(targets.error_rate)}")
    ax.set_ylabel("errors,\n% of requests")


def _duration(ax: Axes, red: pl.DataFrame, targets: Targets) -> None:
    for column, name, colour, dash in QUANTILES:
        ax.plot(instants(red["time"]), red[column].to_numpy(), label=name, **_look(red, colour, dash))
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_formatter("")
    low, high = ax.get_ylim()
    foot, top = low / FOOTROOM, max(high, targets.latency_ms)
    ax.set_ylim(foot, foot * (top / foot) ** (1 / (1 - LEGEND_HEADROOM)))
    draw_target(ax, targets.latency_ms, f"target\n{milliseconds(targets.latency_ms)}")
    ax.set_ylabel("duration,\nms")
    ax.legend(loc="upper left", ncols=len(QUANTILES), **BACKED)


PANELS = (
    Panel("requests_per_s", 1.0, _rate),
    Panel("error_rate", 1.0, _errors),
    Panel("p95_ms", 1.5, _duration),
)
INCHES_A_PANEL = 1.75


@in_house_style
def plot_red(
    red: pl.DataFrame,
    *,
    incidents: pl.DataFrame | None = None,
    targets: Targets | Mapping[str, float] | None = None,
    events: pl.DataFrame | None = None,
    question: str | None = None,
    tz: str = "UTC",
    ax: Sequence[Axes] | None = None,
) -> tuple[Axes, ...]:
    """Draw rate, errors and duration as stacked panels with one time axis.

    Parameters
    ----------
    red
        `ik.red` of the whole service: one row a bucket. Buckets that the log covers only in part are left
        out, unless the others hold less than nearly all requests.
    incidents
        `start`, `end` of the stretches to shade; a null end is open. Without incidents the title asks how
        the service did.
    events
        `time`, `what` of deploys and similar changes, drawn as lines.
    ax
        One axes for each panel, from the top. A log without durations has no third panel.

    Returns
    -------
    The axes, from the top.

    Raises
    ------
    SchemaError
        If a bucket has several rows, as in `red` by endpoint.
    """
    if red["time"].is_duplicated().any():
        raise SchemaError(f"The table has several rows a bucket, and one is drawn; {ONE_GROUP}.")
    red = _centred(_whole(red))
    panels = [panel for panel in PANELS if panel.column in red.columns and red[panel.column].count()]
    if not panels:
        return (say_instead(ax[0] if ax else None, NOTHING),)
    axes = tuple(ax) if ax is not None else _stacked([panel.height for panel in panels])
    wanted = Targets.of(targets)
    for panel, each in zip(panels, axes, strict=True):
        panel.draw(each, red, wanted)
        time_limits(each, red["time"])
        shade_incidents(each, incidents)
        draw_events(each, events, text=each is axes[0])
    for upper in axes[:-1]:
        upper.tick_params(axis="x", labelbottom=False)
    time_axis(axes[-1], red["time"], tz)
    is_calm = incidents is not None and incidents.is_empty()
    title(axes[0], question or (CALM if is_calm else QUESTION))
    return axes


def _whole(red: pl.DataFrame) -> pl.DataFrame:
    """Return the buckets that the log covers fully, or all if those hold too few of the requests."""
    if "partial" not in red.columns:
        return red
    whole = red.filter(~pl.col("partial"))
    return whole if int(whole["requests"].sum()) >= NEARLY_ALL * int(red["requests"].sum()) else red


def _centred(red: pl.DataFrame) -> pl.DataFrame:
    """Return the buckets with their middles as times, so that steps and lines are centred on them."""
    width = red["time"].diff().drop_nulls().min()
    return red if width is None else red.with_columns(time=pl.col("time") + width / 2)  # type: ignore[operator]


def _stacked(heights: Sequence[float]) -> tuple[Axes, ...]:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    figure.set_figheight(INCHES_A_PANEL * sum(heights))
    figure.align_ylabels()
    return tuple(axes[:, 0])
