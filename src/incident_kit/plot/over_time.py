"""What pictures over time share: the axis with its zone, the shaded incidents, the events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.style import INK, VERMILLION, label

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.dates import AutoDateLocator

EVENT_WIDTH = 40  # characters of an event's text that fit beside its line in half a figure
EVENT_ROWS = 4  # neighbouring events write on different heights, so that their texts stay apart
DAY_S = 86_400
LONE_BUCKET = timedelta(minutes=1)  # how wide a single time bucket is drawn


def instants(times: pl.Series) -> np.ndarray[Any, Any]:
    """Return a column of UTC times as matplotlib takes them."""
    return times.dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_numpy()


def days(instant: datetime) -> float:
    """Return an aware instant as days since 1970, which is how matplotlib counts time."""
    return instant.timestamp() / DAY_S


def time_axis(ax: Axes, times: pl.Series, tz: str = "UTC") -> None:
    """Label the time axis in the zone `tz`, whose name stands in the label beside the dates of `times`."""
    from zoneinfo import ZoneInfo

    from matplotlib.dates import ConciseDateFormatter

    zone = ZoneInfo(tz)
    locator = _locator(zone)
    formatter = ConciseDateFormatter(locator, tz=zone, show_offset=False)  # type: ignore[no-untyped-call]
    formatter.zero_formats = ["", "%Y", "%b", "%b-%d", "%H:%M", "%H:%M"]
    # Seconds alone, between minutes, would be taken for minutes.
    formatter.formats = [*formatter.formats[:-1], "%H:%M:%S.%f"]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)
    first, last = times.dt.convert_time_zone(tz).dt.date().sort().gather([0, -1])
    ax.set_xlabel(f"{first}, {tz}" if first == last else f"{first} to {last}, {tz}")


def _locator(zone: ZoneInfo) -> AutoDateLocator:
    """Return what places the ticks, each once: an hour that a clock leaves out is the next one's instant."""
    from matplotlib.dates import AutoDateLocator

    class Once(AutoDateLocator):
        def __call__(self) -> list[float]:
            return sorted(set(super().__call__()))  # type: ignore[no-untyped-call]

    return Once(tz=zone, minticks=5, maxticks=9)  # type: ignore[no-untyped-call]


def time_limits(ax: Axes, times: pl.Series) -> None:
    """Show a single bucket in its own minute; left alone, matplotlib shows it in years."""
    if times.len() == 1:
        ax.set_xlim(days(times[0] - LONE_BUCKET / 2), days(times[0] + LONE_BUCKET / 2))


def lone_marker(times: pl.Series) -> str:
    """Return how points are marked: in a line by nothing, a single one by a dot."""
    return "o" if times.len() == 1 else ""


def shade_incidents(ax: Axes, incidents: pl.DataFrame | None) -> None:
    """Shade each incident (`start`, `end`; a null end is open and reaches the edge of the picture)."""
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
    """Draw each event (`time`, `what`) within the picture as a line, with its text beside it."""
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
