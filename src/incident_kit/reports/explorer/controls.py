"""What the explorer is made of: a window, two menus, a list of traces, two pictures, a place for errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ALL = "(all)"
WIDE = {"description_width": "6rem"}
WRITTEN = ((timedelta(days=28), "%d %b"), (timedelta(days=1), "%d %H:%M"), (timedelta(0), "%H:%M:%S"))
"""How instants are written that are further apart than this; a slider has room for twice eight characters."""


@dataclass(frozen=True)
class Controls:
    """The widgets; `box` shows those that have something to choose, and then the pictures."""

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
    """Return widgets over the window's edges and what the data have; times are written in the zone `tz`."""
    import ipywidgets as widgets

    span = _slider(edges, tz)
    endpoint, dependency = _menu("endpoint", endpoints), _menu("calls to", dependencies)
    trace = widgets.Select(options=[], rows=6, description="trace", style=WIDE)
    red, waterfall = widgets.Image(format="png"), widgets.Image(format="png")
    failed = widgets.Output()
    pictures = _below(red, waterfall)
    box = _below(span, endpoint, dependency, trace, failed, pictures)
    return Controls(span, endpoint, dependency, trace, red, waterfall, failed, pictures, box)


def show_if(widget: Any, *, there_is: bool) -> None:
    """Show a widget, or take it away while there is nothing to choose or to see in it."""
    widget.layout.display = None if there_is else "none"


def clock_labels(instants: Sequence[datetime], tz: str) -> list[str]:
    """Return how instants are written: by the clock of a zone, with the day where they are far apart."""
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

    layout = widgets.Layout(width="30rem", max_width="95%")
    menu = widgets.Dropdown(options=[ALL, *options], description=name, style=WIDE, layout=layout)
    show_if(menu, there_is=bool(options))
    return menu


def _below(*parts: Any) -> Any:
    """Put widgets below one another, each in its own width: a picture that is stretched is blurred."""
    import ipywidgets as widgets

    return widgets.VBox(list(parts), layout=widgets.Layout(align_items="flex-start"))
