"""Shared by all pictures over time: the time axis with its zone, shaded incidents, events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.axes import label
from incident_kit.plot.style import INK, VERMILLION

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.dates import AutoDateLocator

EVENT_WIDTH = 40  # characters of an event's text that fit beside its line in half a figure
EVENT_ROWS = 4  # neighbouring texts alternate between so many heights, so that they do not overlap
DAY_S = 86_400
LONE_BUCKET = timedelta(minutes=1)  # drawn width of a single time bucket


def instants(times: pl.Series) -> np.ndarray[Any, Any]:
    """Return a column of UTC times in the type matplotlib plots."""
    return times.dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_numpy()


def days(instant: datetime) -> float:
    """Return an aware instant in matplotlib's unit of time: days since 1970."""
    return instant.timestamp() / DAY_S


def time_axis(ax: Axes, times: pl.Series, tz: str = "UTC") -> None:
    """Label the time axis in zone `tz`; the axis label holds the zone's name and the dates of `times`."""
    from zoneinfo import ZoneInfo

    from matplotlib.dates import ConciseDateFormatter

    zone = ZoneInfo(tz)
    locator = _locator(zone)
    formatter = ConciseDateFormatter(locator, tz=zone, show_offset=False)  # type: ignore[no-untyped-call]
    formatter.zero_formats = ["", "%Y", "%b", "%b-%d", "%H:%M", "%H:%M"]
    # A tick that shows only seconds would be mistaken for minutes.
    formatter.formats = [*formatter.formats[:-1], "%H:%M:%S.%f"]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)
    first, last = times.dt.convert_time_zone(tz).dt.date().sort().gather([0, -1])
    ax.set_xlabel(f"{first}, {tz}" if first == last else f"{first} to {last}, {tz}")


def _locator(zone: ZoneInfo) -> AutoDateLocator:
    """Return a locator that places each tick once, also where clocks skip an hour and two ticks coincide."""
    from matplotlib.dates import AutoDateLocator

    class Once(AutoDateLocator):
        def __call__(self) -> list[float]:
            return sorted(set(super().__call__()))  # type: ignore[no-untyped-call]

    return Once(tz=zone, minticks=5, maxticks=9)  # type: ignore[no-untyped-call]


def time_limits(ax: Axes, times: pl.Series) -> None:
    """Limit the axis to the one minute of a single bucket, since matplotlib would otherwise show years."""
    if times.len() == 1:
        ax.set_xlim(days(times[0] - LONE_BUCKET / 2), days(times[0] + LONE_BUCKET / 2))


def lone_marker(times: pl.Series) -> str:
    """Return the marker of a line: none, or a dot for a single point, which has no line."""
    return "o" if times.len() == 1 else ""


def shade_incidents(ax: Axes, incidents: pl.DataFrame | None) -> None:
    """Shade each incident from `start` to `end`; one with a null end is shaded to the edge of the picture."""
    if incidents is None:
        return
    left, right = ax.get_xlim()
    for start, end in incidents.select("start", "end").iter_rows():
        stop = right if end is None else days(end)
        ax.axvspan(days(start), stop, color=VERMILLION, alpha=0.12, linewidth=0, zorder=0.5)
    ax.set_xlim(left, right)
    mark_incidents(ax, incidents)


def mark_incidents(ax: Axes, incidents: pl.DataFrame | None) -> None:
    """Draw a dashed line where each incident starts and ends."""
    if incidents is None:
        return
    left, right = ax.get_xlim()
    for edges in incidents.select("start", "end").iter_rows():
        for edge in filter(None, edges):
            ax.axvline(days(edge), color=VERMILLION, linewidth=1.2, linestyle=(0, (4, 2)))
    ax.set_xlim(left, right)


def draw_events(ax: Axes, events: pl.DataFrame | None, *, text: bool = True) -> None:
    """Draw a line for each event (`time`, `what`) inside the time limits, with its text beside it."""
    if events is None:
        return
    left, right = ax.get_xlim()
    seen = [(days(time), what) for time, what in events.select("time", "what").iter_rows()]
    for row, (at, what) in enumerate((at, what) for at, what in seen if left <= at <= right):
        ax.axvline(at, color=INK, linewidth=1)
        if text:
            _name_event(ax, at, what, row % EVENT_ROWS, turned=at > (left + right) / 2)
    ax.set_xlim(left, right)


def _name_event(ax: Axes, at: float, what: str, row: int, *, turned: bool) -> None:
    ax.annotate(
        label(what, EVENT_WIDTH),
        (at, 1 - 0.06 - 0.16 * row),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-5 if turned else 5, 0),
        textcoords="offset points",
        ha="right" if turned else "left",
        va="top",
        fontsize=8,
        bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 0.8},
    )
