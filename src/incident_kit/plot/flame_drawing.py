"""Draw the boxes of a flame graph: their texts, the tint of each service, and the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incident_kit.inert import for_figure
from incident_kit.plot.axes import label, legend_below
from incident_kit.plot.flame_boxes import Box, levels, span
from incident_kit.plot.letters import drawable
from incident_kit.plot.style import INK
from incident_kit.wording import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Rectangle

# Light enough for black text, also when printed in grey. The last one is that of all other services if there
# are more services than tints, since two names of one tint could not be told apart.
TINTS = ("#cfe3f3", "#fbe3b6", "#cdeadf", "#f6d3c2", "#e6d7ea", "#f4efb8", "#e3e3e3")
CHARACTERS_ACROSS = 130  # characters that fit across the whole picture
MIN_CHARACTERS = 12  # a name cut shorter than this says less than the tint


def draw_boxes(
    axes: Axes, boxes: list[Box], colours: list[str], notes: list[str], across_ms: float | None = None
) -> list[Rectangle]:
    """Draw boxes with names and notes; `across_ms` is the width of the picture, by default all boxes."""
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
    """Return the text of a box: as much of service, operation and note as fits, or nothing."""
    name = drawable(box.stack[-1])
    operation = name.partition(": ")[2] or name
    for text in (f"{name}  {note}", f"{operation}  {note}", operation):
        if len(text) <= room:
            return for_figure(text)
    return label(operation, room) if room >= MIN_CHARACTERS else ""


def tints(stacks: pl.DataFrame) -> dict[str, str]:
    """Return a tint for each service in `stack`; of too many, the widest by `width` have their own.

    The same table gives the same tints in all its pictures.
    """
    service = pl.col("stack").list.last().str.split(": ").list.first().alias("service")
    widest = (
        stacks.group_by(service)
        .agg(pl.col("width").max())
        .sort(["width", "service"], descending=[True, False])
    )
    names = widest["service"].to_list()
    own = names if len(names) <= len(TINTS) else names[: len(TINTS) - 1]
    return {**dict.fromkeys(names, TINTS[-1]), **dict(zip(sorted(own), TINTS, strict=False))}


def explain(axes: Axes, boxes: list[Box], tint: dict[str, str]) -> None:
    """Add a legend, since most boxes are too narrow for a name; services of one tint are one entry."""
    from matplotlib.patches import Patch

    seen = sorted({box.service for box in boxes})
    alike = [service for service in seen if list(tint.values()).count(tint[service]) > 1]
    named = [(tint[service], label(service)) for service in seen if service not in alike]
    rest = [(tint[alike[0]], f"({count(len(alike), 'other')})")] if alike else []
    legend_below(axes, [Patch(color=colour, label=name) for colour, name in [*named, *rest]])
