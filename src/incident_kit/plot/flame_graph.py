"""Where the time of requests goes, stack by stack: one side alone, or baseline, incident and difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from incident_kit.inert import for_figure
from incident_kit.plot.flame_boxes import Box, boxes_of, levels, span
from incident_kit.plot.style import (
    BLUE,
    INK,
    VERMILLION,
    axes_or_new,
    in_house_style,
    label,
    legend_below,
    say_instead,
    title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Rectangle

# Light enough for black text in colour and in grey; a service keeps its tint in all pictures of a figure.
TINTS = ("#cfe3f3", "#fbe3b6", "#cdeadf", "#f6d3c2", "#e3e3e3", "#e6d7ea", "#f4efb8")
CHARACTERS_ACROSS = 130  # of text that fit across the whole picture
FEWEST_CHARACTERS = 9  # of a name; with fewer the tint says more
INCHES_A_LEVEL, INCHES_AROUND = 0.34, 1.4
NOTHING = "There are no traces whose time could be shown."


@in_house_style
def plot_flame_graph(
    stacks: pl.DataFrame,
    *,
    finding: str | None = None,
    across_ms: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw stacks of operations as boxes as wide as their critical-path time, the root on top.

    `stacks` is `critical_stacks`'s table: `stack` (list from the root), `total_ms`. `across_ms` is the width
    of the picture, so that several can share a scale.
    """
    boxes = boxes_of(stacks.with_columns(width="total_ms"))
    if not boxes:
        return say_instead(ax, NOTHING)
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_LEVEL * levels(boxes))
    tint = _tints(stacks)
    _draw(
        axes,
        boxes,
        [tint[box.service] for box in boxes],
        [f"{box.width:.3g} ms" for box in boxes],
        across_ms,
    )
    axes.set_xlabel("time on the critical path, ms a trace")
    _explain(axes, {service: tint[service] for service in sorted({box.service for box in boxes})})
    title(axes, finding or f"Where the {span(boxes):.3g} ms of a request go")
    return axes


@in_house_style
def plot_flame_difference(
    compared: pl.DataFrame, *, finding: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what changed: boxes as wide as the slower side, the change in ms in each.

    What got slower is red and says "+", what got faster blue and says "-"; what only one side has is
    hatched. `compared` is `compare_stacks`'s table: `stack`, `total_ms`, `baseline_ms`, `difference_ms`,
    `only`.
    """
    boxes = boxes_of(compared.with_columns(width=pl.max_horizontal("total_ms", "baseline_ms")))
    if not boxes:
        return say_instead(ax, NOTHING)
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_LEVEL * levels(boxes))
    most = max(abs(box.change) for box in boxes) or 1.0
    colours = [_mixed(VERMILLION if box.change > 0 else BLUE, abs(box.change) / most) for box in boxes]
    patches = _draw(axes, boxes, colours, [_change(box) for box in boxes])
    for patch, box in zip(patches, boxes, strict=True):
        patch.set_hatch({"incident": "///", "baseline": "..."}.get(box.only or "", ""))
    axes.set_xlabel(
        "ms a trace on the slower side; hatched: only in the incident (///) or the baseline (...)"
    )
    change = sum(box.change for box in boxes if len(box.stack) == 1)
    how = "longer" if change > 0 else "less"
    title(axes, finding or f"A request takes {abs(change):.3g} ms {how}: where that comes from")
    return axes


def plot_flame_comparison(
    compared: pl.DataFrame, axes: Sequence[Axes] | None = None
) -> tuple[Axes, Axes, Axes]:
    """Draw baseline, incident and difference below each other; `compared` as in `plot_flame_difference`."""
    top, middle, bottom = axes if axes is not None else _three_axes(compared)
    plot_flame_difference(compared, ax=bottom)
    baseline, across_ms = compared.select("stack", total_ms="baseline_ms"), bottom.get_xlim()[1]
    plot_flame_graph(baseline, finding="Baseline", across_ms=across_ms, ax=top)
    plot_flame_graph(compared, finding="Incident", across_ms=across_ms, ax=middle)
    return top, middle, bottom


@in_house_style
def _three_axes(compared: pl.DataFrame) -> Sequence[Axes]:
    from matplotlib import pyplot as plt

    levels = int(compared["stack"].list.len().max() or 1)  # type: ignore[arg-type]
    figure, axes = plt.subplots(3, 1, layout="constrained")
    figure.set_figheight(3 * (INCHES_AROUND + INCHES_A_LEVEL * levels))
    return list(axes)


def _draw(
    axes: Axes, boxes: list[Box], colours: list[str], notes: list[str], across_ms: float | None = None
) -> list[Rectangle]:
    whole = across_ms or span(boxes)
    patches = axes.barh(
        [len(box.stack) for box in boxes],
        [box.width for box in boxes],
        left=[box.left for box in boxes],
        height=1,
        color=colours,
        edgecolor="white",
        linewidth=0.8,
    )
    for box, note in zip(boxes, notes, strict=True):
        shown = _shown(box, note, int(CHARACTERS_ACROSS * box.width / whole) - 1)
        middle = (box.left + box.width / 2, len(box.stack))
        axes.text(*middle, shown, ha="center", va="center", fontsize=8, color=INK)
    axes.set_xlim(0, whole)
    axes.set_ylim(levels(boxes) + 0.5, 0.5)
    axes.set_yticks([])
    axes.grid(visible=False)
    drawn: list[Rectangle] = list(patches)
    return drawn


def _shown(box: Box, note: str, room: int) -> str:
    """Return what is written into a box: name and note, as much of the name as fits, or nothing."""
    name = box.stack[-1]
    if len(name) + 2 + len(note) <= room:
        return f"{for_figure(name)}  {note}"
    return label(name, room) if room >= FEWEST_CHARACTERS else ""


def _tints(stacks: pl.DataFrame) -> dict[str, str]:
    """Return a tint for each service, the same for all pictures of one table, whatever each draws of it."""
    names = stacks.select(pl.col("stack").list.last().str.split(": ").list.first()).to_series()
    services = names.unique().sort()
    return {service: TINTS[number % len(TINTS)] for number, service in enumerate(services)}


def _explain(axes: Axes, tints: dict[str, str]) -> None:
    """Name the services, for most boxes are too narrow to."""
    from matplotlib.patches import Patch

    legend_below(axes, [Patch(color=tint, label=label(service)) for service, tint in tints.items()])


def _change(box: Box) -> str:
    return f"{box.change:+.3g} ms" if box.change else "0 ms"


def _mixed(colour: str, strength: float) -> str:
    """Return a colour between light grey and `colour`."""
    from matplotlib.colors import to_hex, to_rgb

    pale = 0.93
    red, green, blue = (pale + (channel - pale) * 0.75 * strength for channel in to_rgb(colour))
    return to_hex((red, green, blue))
