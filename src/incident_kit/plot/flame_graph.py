"""Flame graphs of critical-path time, of one set of traces or of baseline, incident and difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from incident_kit.plot.axes import axes_or_new, say_instead, title
from incident_kit.plot.flame_boxes import Box, boxes_of, levels, span
from incident_kit.plot.flame_drawing import draw_boxes, explain, tints
from incident_kit.plot.picture import picture_of
from incident_kit.plot.style import BLUE, VERMILLION
from incident_kit.schema import DType
from incident_kit.wording import milliseconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES_A_LEVEL, INCHES_AROUND = 0.34, 1.4
MIN_CHANGE = 0.05  # of the strongest colour; a tint for less would suggest a change where there is none
STRONGEST_FROM = 0.1  # of the whole time; where nothing changed by as much, all colours are pale
HATCHES = "; hatched: only in the incident (///) or the baseline (...)"
NOTHING = "There are no traces whose time could be shown."
STACK = pl.List(pl.String)
COMPARED: dict[str, DType] = {
    "stack": STACK, "total_ms": pl.Float64, "baseline_ms": pl.Float64, "difference_ms": pl.Float64,
    "only": pl.String,
}  # fmt: skip


@picture_of("ik.critical_stacks(spans)", stack=STACK, total_ms=pl.Float64)
def plot_flame_graph(
    stacks: pl.DataFrame,
    *,
    finding: str | None = None,
    across_ms: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each stack of operations as a box as wide as its critical-path time, the root on top.

    `stacks` is the table of `critical_stacks`: `stack` (list from the root), `total_ms`. `across_ms` is the
    width of the picture, so that several pictures can share a scale.
    """
    return _graph(stacks, tints(stacks.with_columns(width="total_ms")), finding, across_ms, ax)


@picture_of("ik.compare_stacks(baseline, incident)", **COMPARED)
def plot_flame_difference(
    compared: pl.DataFrame, *, finding: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what changed: each box is as wide as the slower side and shows the change in ms.

    A slower stack is orange and marked "+", a faster one blue and marked "-", one that hardly changed grey; a
    stack that only one side has is hatched. `compared` is the table of `compare_stacks`: `stack`, `total_ms`,
    `baseline_ms`, `difference_ms`, `only`.
    """
    boxes = boxes_of(compared.with_columns(width=pl.max_horizontal("total_ms", "baseline_ms")))
    if not boxes:
        return say_instead(ax, NOTHING)
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_LEVEL * levels(boxes))
    most = max(STRONGEST_FROM * span(boxes), *(abs(box.change) for box in boxes)) or 1.0
    colours = [_colour(box.change / most) for box in boxes]
    patches = draw_boxes(axes, boxes, colours, [_change(box) for box in boxes])
    for patch, box in zip(patches, boxes, strict=True):
        patch.set_hatch({"incident": "///", "baseline": "..."}.get(box.only or "", ""))
    is_hatched = any(box.only for box in boxes)
    axes.set_xlabel(f"ms a trace on the slower side{HATCHES if is_hatched else ''}")
    change = sum(box.change for box in boxes if len(box.stack) == 1)
    how = "longer" if change > 0 else "less"
    title(axes, finding or f"A request takes {milliseconds(abs(change))} {how}: where that comes from")
    return axes


@picture_of("ik.compare_stacks(baseline, incident)", **COMPARED)
def plot_flame_comparison(compared: pl.DataFrame, axes: Sequence[Axes] | None = None) -> tuple[Axes, ...]:
    """Draw baseline, incident and difference below each other; `compared` as in `plot_flame_difference`.

    If both sides are the same, because there is no incident or no trace, one picture is drawn.
    """
    if compared["difference_ms"].eq(0).all():
        return (plot_flame_graph(compared, ax=axes[0] if axes is not None else None),)
    top, middle, bottom = axes if axes is not None else _three_axes(compared)
    plot_flame_difference(compared, ax=bottom)
    baseline, across_ms = compared.select("stack", total_ms="baseline_ms"), bottom.get_xlim()[1]
    tint = tints(compared.with_columns(width=pl.max_horizontal("total_ms", "baseline_ms")))
    for side, stacks, ax in (("Baseline", baseline, top), ("Incident", compared, middle)):
        whole = milliseconds(span(boxes_of(stacks.with_columns(width="total_ms"))))
        _graph(stacks, tint, f"{side}: {whole} a request", across_ms, ax)
    return top, middle, bottom


def _graph(
    stacks: pl.DataFrame,
    tint: dict[str, str],
    finding: str | None,
    across_ms: float | None,
    ax: Axes | None,
) -> Axes:
    boxes = boxes_of(stacks.with_columns(width="total_ms"))
    if not boxes:
        return say_instead(ax, NOTHING)
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_LEVEL * levels(boxes))
    colours, notes = [tint[box.service] for box in boxes], [milliseconds(box.width) for box in boxes]
    draw_boxes(axes, boxes, colours, notes, across_ms)
    axes.set_xlabel("time on the critical path, ms a trace")
    explain(axes, boxes, tint)
    title(axes, finding or f"Where the {milliseconds(span(boxes))} of a request go")
    return axes


def _three_axes(compared: pl.DataFrame) -> Sequence[Axes]:
    from matplotlib import pyplot as plt

    levels = int(compared["stack"].list.len().max() or 1)  # type: ignore[arg-type]
    figure, axes = plt.subplots(3, 1, layout="constrained")
    figure.set_figheight(3 * (INCHES_AROUND + INCHES_A_LEVEL * levels))
    return list(axes)


def _change(box: Box) -> str:
    return f"{'+' if box.change > 0 else ''}{milliseconds(box.change)}"


def _colour(change: float) -> str:
    """Return the colour of a change, which is given as a part of that of the strongest colour (-1 to 1)."""
    strength = abs(change) if abs(change) >= MIN_CHANGE else 0.0
    return _mixed(VERMILLION if change > 0 else BLUE, strength)


def _mixed(colour: str, strength: float) -> str:
    """Return `colour` blended with light grey: 0 is grey, 1 three quarters of the colour."""
    from matplotlib.colors import to_hex, to_rgb

    pale = 0.93
    red, green, blue = (pale + (channel - pale) * 0.75 * strength for channel in to_rgb(colour))
    return to_hex((red, green, blue))
