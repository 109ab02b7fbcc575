"""The widgets of the explorer: a window, two menus, a list of traces, two pictures, a place for errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ALL = "(all)"
WIDE = {"description_width": "6rem"}
WRITTEN = ((timedelta(days=28), "%d %b"), (timedelta(days=1), "%d %H:%M"), (timedelta(0), "%H:%M:%S"))
"""The form of labels, by how far apart the instants are; a slider has room for two of eight characters."""


@dataclass(frozen=True)
class Controls:
    """The widgets; `box` shows those with something to choose, and below them the pictures."""

    span: Any
    endpoint: Any
    dependency: Any
    trace: Any
    red: Any
    waterfall: Any
    failed: Any
    pictures: Any
    box: Any


def controls(edges: Sequence[datetime], endpoints: list[str], dependencies: list[str], tz: str) -> Controls:
    """Return widgets for the window and the data; times are written in the zone `tz`."""
    import ipywidgets as widgets

    span = _slider(edges, tz)
    endpoint, dependency = _menu("endpoint", endpoints), _menu("calls to", dependencies)
    trace = widgets.Select(options=[], rows=6, description="trace", style=WIDE, layout=_menu_width())
    red, waterfall = widgets.Image(format="png"), widgets.Image(format="png")
    failed = widgets.Output()
    pictures = _below(red, waterfall)
    box = _below(span, endpoint, dependency, trace, failed, pictures)
    return Controls(span, endpoint, dependency, trace, red, waterfall, failed, pictures, box)


def show_if(widget: Any, *, there_is: bool) -> None:
    """Show a widget, or hide it while there is nothing to choose or to see in it."""
    widget.layout.display = None if there_is else "none"


def clock_labels(instants: Sequence[datetime], tz: str) -> list[str]:
    """Return labels for instants: the time of day in a zone, with the day if they are far apart."""
    apart = max(instants) - min(instants) if instants else timedelta(0)
    written = next(form for least, form in WRITTEN if apart >= least)
    return [f"{instant.astimezone(ZoneInfo(tz)):{written}}" for instant in instants]


def _slider(edges: Sequence[datetime], tz: str) -> Any:
    import ipywidgets as widgets

    return widgets.SelectionRangeSlider(
        options=[(label, place) for place, label in enumerate(clock_labels(edges, tz))],
        index=(0, len(edges) - 1),
        description="window",
        continuous_update=False,
        style=WIDE,
        layout=widgets.Layout(width="95%", max_width="46rem"),
    )


def _menu(name: str, options: list[str]) -> Any:
    import ipywidgets as widgets

    menu = widgets.Dropdown(options=[ALL, *options], description=name, style=WIDE, layout=_menu_width())
    show_if(menu, there_is=bool(options))
    return menu


def _menu_width() -> Any:
    """Return the layout of a menu, wide enough for a long route, and for a trace with its day."""
    import ipywidgets as widgets

    return widgets.Layout(width="30rem", max_width="95%")


def _below(*parts: Any) -> Any:
    """Stack widgets in their own width, because a stretched picture is blurred."""
    import ipywidgets as widgets

    return widgets.VBox(list(parts), layout=widgets.Layout(align_items="flex-start"))
