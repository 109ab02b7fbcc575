"""Shared by all pictures: the style sheet, titles, labels, the legend, the target line."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import polars as pl

from incident_kit.errors import SchemaError
from incident_kit.inert import for_figure, visible
from incident_kit.plot.letters import drawable, families
from incident_kit.schema import to_polars
from incident_kit.wording import cut

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

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
TITLE_WIDTH = 88  # characters of a title on one line of a figure of standard width
TITLE_A_NAME = 0.75  # characters of title width lost for each character of the longest label
LABEL_WIDTH = 34  # characters of a label; a longer one is cut in the middle
LEGEND_DROP = 0.55  # inches from the axes down to the legend, past ticks and axis label
INCHES_OF_A_SENTENCE = 0.6
AT_THE_FOOT = 0.15  # of the axes' height: about the height of a target's name

MADE_BY = {
    "plot_changes": "ik.compare(before, after).changes",
    "plot_dependencies": "found.dependencies",
    "plot_flame_comparison": "ik.compare_stacks(baseline, incident)",
    "plot_flame_graph": "ik.critical_stacks(spans)",
    "plot_latency_heatmap": "ik.latency_bands(requests)",
    "plot_operation_heatmap": "ik.critical_by_percentile(spans)",
    "plot_red": "ik.red(requests)",
    "plot_service_graph": "ik.service_graph(spans)",
    "plot_shares": "found.endpoints",
    "plot_waterfall": "ik.explain_trace(spans, trace_id)",
}
"""The call that makes the table of each picture, for error messages; `found` is a diagnosis."""

P = ParamSpec("P")
R = TypeVar("R")


def in_house_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Make a plot function accept polars and pandas frames and draw in the kit's style.

    The caller's matplotlib settings stay as they are. A frame that lacks a column raises a `SchemaError` that
    names the picture and the columns the frame has.
    """

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl
        import matplotlib.style

        tables = [_as_polars(value) for value in args]
        named = {name: _as_polars(value) for name, value in kwargs.items()}
        with mpl.style.context(STYLE):
            mpl.rcParams["font.family"] = list(families())
            try:
                drawn = draw(*tables, **named)
            except pl.exceptions.ColumnNotFoundError as error:
                raise SchemaError(_cannot_draw(draw.__name__, str(error))) from error
            interactive = mpl.is_interactive()
        # The first picture of a notebook loads the backend, which turns interactive mode on. Restoring the
        # settings must not turn it off again.
        mpl.interactive(interactive)
        return drawn

    return styled


def _cannot_draw(picture: str, error: str) -> str:
    made_by = MADE_BY.get(picture)
    mend = f"; give what `{made_by}` returns" if made_by else ""
    return f"{picture} cannot draw this table: {error.partition(chr(10))[0].rstrip('.')}{mend}."


def _as_polars(value: Any) -> Any:
    """Return a lazy or a pandas frame as an eager polars frame, and any other value unchanged."""
    is_other = isinstance(value, pl.LazyFrame) or type(value).__module__.partition(".")[0] == "pandas"
    return to_polars(value) if is_other else value


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
    taken = round(TITLE_A_NAME * max(map(len, beside), default=0))
    ax.set_title(textwrap.fill(for_figure(drawable(text)), TITLE_WIDTH - taken))


def label(name: str, width: int = LABEL_WIDTH) -> str:
    """Return a name for a tick label: shortened in its middle, and escaped so that it is no formula."""
    # Escape after cutting: half an escape sequence would start a formula.
    return for_figure(cut(drawable(visible(name, keep="\n")), width))


def legend_below(ax: Axes, handles: Sequence[Artist] | None = None) -> None:
    """Add a legend below the axes, where it covers nothing."""
    entries = ax.get_legend_handles_labels()[0] if handles is None else handles
    ax.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        bbox_transform=_below(ax),
        borderaxespad=0,
        ncols=len(entries),
    )


def _below(ax: Axes) -> Transform:
    """Return a transform to axes coordinates, shifted down below the tick labels."""
    from matplotlib.transforms import ScaledTranslation

    inches = ScaledTranslation(0, -LEGEND_DROP, ax.get_figure(root=True).dpi_scale_trans)  # type: ignore[union-attr]
    return ax.transAxes + inches


def draw_target(ax: Axes, value: float, text: str) -> None:
    """Draw a target as a dotted line, its name in the right margin where it hides nothing.

    The limits of the axes have to be set before: near the foot of the axes the name goes above its line,
    clear of the tick labels.
    """
    ax.axhline(value, color=INK, linewidth=1, linestyle=(0, (1, 1.5)), zorder=1.5)
    ax.annotate(
        text,
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
