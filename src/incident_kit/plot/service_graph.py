"""Draw the service graph from its entries downstream: how many calls, how slow, and which of them fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.axes import axes_or_new, label, say_instead, title
from incident_kit.plot.picture import picture_of
from incident_kit.plot.service_graph_layout import Layout, Size, laid_out
from incident_kit.plot.service_graph_ways import Place
from incident_kit.plot.style import BLUE, INK, VERMILLION
from incident_kit.wording import count, milliseconds, rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_WIDTH = 22
MAX_EDGES, MAX_FAILING = 80, 20  # a graph larger than a screen or two is unreadable
NAME_POINTS, CALL_POINTS, HEAD_POINTS, POINTS_AN_INCH = 9, 7, 10, 72
LINE_SPACING = 1.25
WIDEST, NARROWEST = 3.5, 0.8  # line widths of the busiest and the least busy call
NOTHING = "There are no calls between services to draw."
# One shape for each kind of callee, so that they can be told apart without colour.
SHAPES = {
    "service": "round,pad=0,rounding_size=0.08",
    "database": "square,pad=0",
    "messaging": "sawtooth,pad=0,tooth_size=0.05",
}
ELSEWHERE = "round4,pad=0,rounding_size=0.08"
INCHES_OF_TITLE, INCHES_BESIDE = 0.5, 0.3
ROOM = 9.3  # inches: the standard figure width without its margins


@picture_of(
    "ik.service_graph(spans)",
    caller=pl.String, callee=pl.String, kind=pl.String, calls=pl.Int64, errors=pl.Int64,
    error_rate=pl.Float64, p95_ms=pl.Float64,
)  # fmt: skip
def plot_service_graph(graph: pl.DataFrame, *, finding: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the services in layers from left to right, each call as an arrow.

    The width of an arrow grows with the number of calls, its text is their p95; where calls fail it is red
    and dashed, and the text adds the error rate. Databases have square corners. Of more than `MAX_EDGES`
    edges the busiest and the most failing are drawn. `graph` is the table of `service_graph`: `caller`,
    `callee`, `kind`, `calls`, `errors`, `error_rate`, `p95_ms`. Without `ax` the figure is as large as the
    graph needs.
    """
    if graph.is_empty():
        return say_instead(ax, NOTHING)
    drawn = _drawn(graph)
    edges = {(edge["caller"], edge["callee"]): edge for edge in drawn.iter_rows(named=True)}
    names = {name: label(name, NAME_WIDTH) for call in edges for name in call}
    texts = {call: _told(edge) for call, edge in edges.items()}
    layout = laid_out(
        list(edges),
        {name: _size(text, NAME_POINTS) for name, text in names.items()},
        {call: _size(text, CALL_POINTS) for call, text in texts.items()},
        room=ROOM,
    )
    axes = _axes(ax, layout)
    most = max(edge["calls"] for edge in edges.values())
    for call, edge in edges.items():
        _draw_call(axes, layout.ways[call], edge, edge["calls"] / most)
        _tell(axes, layout.calls[call], texts[call], edge)
    kinds = {callee: edge["kind"] for (_, callee), edge in edges.items()}
    for name, text in names.items():
        _draw_service(axes, layout, name, text, SHAPES.get(kinds.get(name, "service"), ELSEWHERE))
    left_out = f" (the {drawn.height} busiest and most failing of {graph.height:,} edges)"
    title(axes, (finding or _finding(graph)) + (left_out if drawn.height < graph.height else ""))
    return axes


def _drawn(graph: pl.DataFrame) -> pl.DataFrame:
    """Return the edges to draw, the busiest first: few enough to read, the most failing among them."""
    ranked = graph.sort("calls", "caller", "callee", descending=[True, False, False]).with_row_index("rank")
    failing = ranked.filter(pl.col("errors") > 0).sort("errors", "rank", descending=[True, False])
    chosen = pl.concat([failing.head(MAX_FAILING), ranked]).unique("rank", maintain_order=True)
    return chosen.head(MAX_EDGES).sort("rank").drop("rank")


def _size(text: str, points: float) -> Size:
    """Return the width and height of a text in inches."""
    from matplotlib.textpath import TextPath

    lines = text.splitlines()
    across = max(TextPath((0, 0), line, size=points).get_extents().width for line in lines)
    return across / POINTS_AN_INCH, len(lines) * points * LINE_SPACING / POINTS_AN_INCH


def _axes(ax: Axes | None, layout: Layout) -> Axes:
    """Return axes whose unit is the inch; without `ax` in a new figure of that size."""
    axes = axes_or_new(ax, layout.height + INCHES_OF_TITLE)
    figure = axes.get_figure(root=True)
    if ax is None and figure is not None:
        figure.set_figwidth(max(figure.get_figwidth(), layout.width + INCHES_BESIDE))
    axes.set_xlim(0, layout.width)
    axes.set_ylim(0, layout.height)
    axes.set_axis_off()
    return axes


def _draw_service(axes: Axes, layout: Layout, name: str, text: str, shape: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    (x, y), half, tall = layout.services[name], layout.half[name], layout.tall[name]
    axes.add_patch(
        FancyBboxPatch(
            (x - half, y - tall / 2), 2 * half, tall,
            boxstyle=shape, facecolor="white", edgecolor=INK, linewidth=1.2, zorder=3,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=NAME_POINTS, zorder=4)


def _draw_call(axes: Axes, way: Sequence[Place], edge: dict[str, Any], busy: float) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    fails = edge["error_rate"] > 0
    axes.add_patch(
        FancyArrowPatch(
            path=Path(way),
            arrowstyle="-|>",
            mutation_scale=HEAD_POINTS,
            joinstyle="round",
            linewidth=NARROWEST + (WIDEST - NARROWEST) * busy,
            color=VERMILLION if fails else BLUE,
            linestyle="--" if fails else "-",
            zorder=1.5,
        )
    )


def _tell(axes: Axes, place: Place, text: str, edge: dict[str, Any]) -> None:
    color = VERMILLION if edge["error_rate"] > 0 else INK
    behind = {"facecolor": "white", "linewidth": 0, "pad": 0.6}
    axes.text(
        *place, text, ha="center", va="center", fontsize=CALL_POINTS, color=color, bbox=behind, zorder=2.5
    )


def _told(edge: dict[str, Any]) -> str:
    failing = f"\n{rate(edge['error_rate'])} fail" if edge["error_rate"] > 0 else ""
    return f"{count(edge['calls'], 'call')}\np95 {milliseconds(edge['p95_ms'])}{failing}"


def _finding(graph: pl.DataFrame) -> str:
    failing = graph.filter(pl.col("error_rate") > 0).sort("errors", descending=True).head(1)
    if failing.is_empty():
        return "Who calls whom; no call failed"
    (edge,) = failing.to_dicts()
    return f"Most failing calls go from {edge['caller']} to {edge['callee']}: {edge['errors']:,}"
