"""What the axes of all pictures have: titles, labels, a legend below, and the line of a target."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from incident_kit.inert import escape_controls, for_figure
from incident_kit.plot.letters import drawable
from incident_kit.plot.style import INK
from incident_kit.wording import shorten

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

TITLE_WIDTH = 88  # characters of a title on one line of a figure of standard width
TITLE_A_NAME = 0.75  # characters of title width lost for each character of the longest label
NARROWEST_TITLE = 20
MAX_TITLE_LINES = 4  # names in a finding may be of any length, and the picture has to stay below it
LABEL_WIDTH = 34  # characters of a label; a longer one is cut in the middle
LEGEND_DROP = 0.55  # inches from the axes down to the legend, past ticks and axis label
LEGEND_WIDTH = 104  # characters of a legend that fit below axes beside the longest names
LEGEND_KEY = 7  # characters of width that the key of an entry takes, with the gaps around it
INCHES_OF_A_SENTENCE = 0.6
AT_THE_FOOT = 0.15  # of the axes' height: about the height of a target's name


def axes_or_new(ax: Axes | None, height: float | None = None) -> Axes:
    """Return the given axes, or those of a new figure `height` inches high."""
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    figure, made = plt.subplots()
    if height is not None:
        figure.set_figheight(height)
    return made


def say_instead(ax: Axes | None, sentence: str) -> Axes:
    """Write a sentence instead of empty axes where there is nothing to draw."""
    axes = axes_or_new(ax, INCHES_OF_A_SENTENCE)
    axes.set_axis_off()
    axes.text(0, 0.5, for_figure(drawable(sentence)), va="center", fontsize=11)
    return axes


def title(ax: Axes, text: str) -> None:
    """Write the question or finding above the axes, wrapped to the width that long tick labels leave."""
    beside = [line for name in ax.get_yticklabels() for line in name.get_text().splitlines()]
    taken = round(TITLE_A_NAME * max(map(drawn_length, beside), default=0))
    width = max(TITLE_WIDTH - taken, NARROWEST_TITLE)
    shown = textwrap.fill(
        drawable(escape_controls(text, keep="\n")), width, max_lines=MAX_TITLE_LINES, placeholder=" …"
    )
    ax.set_title(for_figure(shown))  # escaped after wrapping, as after cutting


def label(name: str, width: int = LABEL_WIDTH) -> str:
    """Return a name for a tick label: shortened in its middle, and escaped so that it is no formula."""
    # Escape after cutting: half an escape sequence would start a formula.
    return for_figure(shorten(drawable(escape_controls(name)), width))


def drawn_length(text: str) -> int:
    """Return how many characters are drawn of an escaped text."""
    return len(text) - text.count(r"\$")


def legend_below(ax: Axes, handles: Sequence[Artist] | None = None) -> None:
    """Add a legend below the axes, where it covers nothing, in as many rows as its names need."""
    entries = ax.get_legend_handles_labels()[0] if handles is None else handles
    lengths = [drawn_length(str(entry.get_label())) + LEGEND_KEY for entry in entries]
    ax.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        bbox_transform=_below(ax),
        borderaxespad=0,
        ncols=_columns(lengths),
    )


def _columns(lengths: Sequence[int]) -> int:
    """Return the most columns in which entries of these lengths fit; a column is as wide as its longest."""
    import numpy as np

    def width(columns: int) -> int:
        return sum(int(column.max()) for column in np.array_split(lengths, columns))

    return max((n for n in range(1, len(lengths) + 1) if width(n) <= LEGEND_WIDTH), default=1)


def _below(ax: Axes) -> Transform:
    """Return a transform to axes coordinates, shifted down below the tick labels."""
    from matplotlib.transforms import ScaledTranslation

    inches = ScaledTranslation(0, -LEGEND_DROP, ax.get_figure(root=True).dpi_scale_trans)  # type: ignore[union-attr]
    return ax.transAxes + inches


def draw_target(ax: Axes, value: float, said: str) -> None:
    """Draw a target as a dotted line, and what it is in the right margin where it hides nothing.

    The limits of the axes have to be set before: near the foot of the axes the text goes above its line,
    clear of the tick labels.
    """
    ax.axhline(value, color=INK, linewidth=1, linestyle=(0, (1, 1.5)), zorder=1.5)
    ax.annotate(
        f"target\n{said}",
        (1, value),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        ha="left",
        va="bottom" if _height(ax, value) < AT_THE_FOOT else "center",
        fontsize=8,
    )


def _height(ax: Axes, value: float) -> float:
    """Return the height of a value in the axes, from 0 to 1."""
    height: float = (ax.transData + ax.transAxes.inverted()).transform((0, value))[1]
    return height
