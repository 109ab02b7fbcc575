"""What all pictures share: the style, the time axis, the shaded incident, the target line, the events."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import polars as pl

from incident_kit.inert import for_figure

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

STYLE = Path(__file__).with_name("incident.mplstyle")

BLUE, ORANGE, GREEN, VERMILLION, SKY, INK, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#222222",
    "#888888",
)
TITLE_WIDTH = 88  # characters of a title that fit on one line of a figure of the house's width
LABEL_WIDTH = 34  # characters of a name beside a bar; longer ones are cut in the middle
EVENT_WIDTH = 26  # characters of an event's text that fit along the height of one panel

P = ParamSpec("P")
R = TypeVar("R")


def in_house_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Draw within the house style, leaving the caller's matplotlib settings as they are."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib.style

        with matplotlib.style.context(STYLE):
            return draw(*args, **kwargs)

    return styled


def axes_or_new(ax: Axes | None, height: float | None = None) -> Axes:
    """Return the axes given, or those of a new figure, `height` inches high."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    figure, made = plt.subplots()
    if height is not None:
        figure.set_figheight(height)
    return made


def title(ax: Axes, text: str) -> None:
    """Write the question or finding above the axes, on as many lines as it needs."""
    ax.set_title(textwrap.fill(for_figure(text), TITLE_WIDTH))


def label(name: str, width: int = LABEL_WIDTH) -> str:
    """Shorten a name in its middle, where names that resemble each other differ least often."""
    text = for_figure(name)
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[head + 1 - width :]}"


def instants(times: pl.Series) -> np.ndarray[Any, Any]:
    """Return a column of UTC times as matplotlib takes them."""
    return times.dt.convert_time_zone("UTC").dt.replace_time_zone(None).to_numpy()


def naive(instant: datetime) -> datetime:
    """Return an aware instant as the naive UTC one that matplotlib takes."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def time_axis(ax: Axes, tz: str = "UTC") -> None:
    """Label the time axis in the zone `tz`, whose name stands in the label beside the date."""
    from zoneinfo import ZoneInfo

    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    zone = ZoneInfo(tz)
    locator = AutoDateLocator(tz=zone, minticks=4, maxticks=9)
    formatter = ConciseDateFormatter(locator, tz=zone, show_offset=False)
    formatter.zero_formats = ["", "%Y", "%b", "%b-%d", "%H:%M", "%H:%M"]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)
    first, last = (datetime.fromtimestamp(days * 86_400, zone).date() for days in ax.get_xlim())
    ax.set_xlabel(f"{first}, {tz}" if first == last else f"{first} to {last}, {tz}")


def shade_incidents(ax: Axes, incidents: pl.DataFrame | None) -> None:
    """Shade each incident (`start`, `end`; a null end is open and reaches the edge of the picture)."""
    if incidents is None:
        return
    left, right = ax.get_xlim()
    for start, end in incidents.select("start", "end").iter_rows():
        stop: Any = right if end is None else naive(end)
        ax.axvspan(naive(start), stop, color=VERMILLION, alpha=0.12, linewidth=0, zorder=0.5)  # type: ignore[arg-type]
    mark_incidents(ax, incidents)
    ax.set_xlim(left, right)


def mark_incidents(ax: Axes, incidents: pl.DataFrame | None) -> None:
    """Draw a dashed line where each incident starts and ends."""
    if incidents is None:
        return
    left, right = ax.get_xlim()
    for edges in incidents.select("start", "end").iter_rows():
        for edge in edges:
            if edge is not None:
                ax.axvline(naive(edge), color=VERMILLION, linewidth=1.2, linestyle=(0, (4, 2)))  # type: ignore[arg-type]
    ax.set_xlim(left, right)


def draw_target(ax: Axes, value: float, text: str) -> None:
    """Draw a target as a dotted line with its name at the right edge."""
    ax.axhline(value, color=INK, linewidth=1, linestyle=(0, (1, 1.5)), zorder=1.5)
    ax.annotate(
        text,
        (1, value),
        xycoords=("axes fraction", "data"),
        xytext=(-3, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=8,
        bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.8},
    )


def draw_events(ax: Axes, events: pl.DataFrame | None, *, text: bool = True) -> None:
    """Draw each event (`time`, `what`) within the picture as a line, with its text along it."""
    if events is None:
        return
    left, right = ax.get_xlim()
    for time, what in events.select("time", "what").iter_rows():
        at: Any = naive(time)
        ax.axvline(at, color=INK, linewidth=1)
        if text:
            ax.text(
                at,
                0.96,
                f" {label(what, EVENT_WIDTH)}",
                transform=ax.get_xaxis_transform(),
                rotation=90,
                ha="right",
                va="top",
                fontsize=8,
                clip_on=True,
            )
    ax.set_xlim(left, right)
