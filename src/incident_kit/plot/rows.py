"""Pictures with a row for each thing: the names of the rows, the zero line, shares with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from incident_kit.plot.style import INK

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes


def name_rows(ax: Axes, names: Sequence[str], **how: Any) -> None:
    """Name the rows of a picture, the first at its top; no grid lines run between them."""
    ax.set_yticks(range(len(names)), names, **how)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")


def draw_zero(ax: Axes) -> None:
    """Draw the line from which bars to either side begin."""
    ax.axvline(0, color=INK, linewidth=0.8)


def draw_shares(ax: Axes, rows: pl.DataFrame, **mark: Any) -> None:
    """Draw each row's `share` in per cent as a mark, on the line from `low` to `high` where it has those."""
    places = range(rows.height)
    share, low, high = (100 * rows[name].to_numpy() for name in ("share", "low", "high"))
    ax.hlines(places, low, high, color=INK, linewidth=1.6)
    ax.plot(share, places, linestyle="", **mark)
