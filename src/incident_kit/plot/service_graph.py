"""Who calls whom, drawn from the entries downstream: how often, how slowly, and where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.style import (
    BLUE,
    INK,
    VERMILLION,
    axes_or_new,
    in_house_style,
    label,
    say_instead,
    title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_WIDTH = 22
INCHES_A_NODE, INCHES_AROUND = 0.85, 1.4
WIDEST, NARROWEST = 3.5, 0.8  # line widths of the busiest and the least busy call
NOTHING = "The traces hold no call from one service to another."
# A shape for each kind of callee, so that colour is not needed to tell them apart.
SHAPES = {"service": "round,pad=0.45", "database": "square,pad=0.45", "messaging": "sawtooth,pad=0.35"}
ELSEWHERE = "round4,pad=0.45"

Places = dict[str, tuple[float, float]]


@in_house_style
def plot_service_graph(graph: pl.DataFrame, *, finding: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the services in layers from left to right, each call as an arrow.

    An arrow is as thick as the calls are many and says p95 and, dashed and red where calls fail, the error
    rate. Databases have square corners. `graph` is `service_graph`'s table: `caller`, `callee`, `kind`,
    `calls`, `error_rate`, `p95_ms`.
    """
    if graph.is_empty():
        return say_instead(ax, NOTHING)
    places = _places(graph)
    tallest = max(sum(x == column for x, _ in places.values()) for column in {x for x, _ in places.values()})
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_NODE * tallest)
    most = max(graph["calls"].to_list())
    for edge in graph.iter_rows(named=True):
        _draw_call(axes, places, edge, edge["calls"] / most)
    kinds = dict(graph.select("callee", "kind").iter_rows())
    for name, place in places.items():
        shape = SHAPES.get(kinds.get(name, "service"), ELSEWHERE)
        box = {"boxstyle": shape, "facecolor": "white", "edgecolor": INK, "linewidth": 1.2}
        axes.text(*place, label(name, NAME_WIDTH), ha="center", va="center", fontsize=9, bbox=box, zorder=3)
    across = [x for x, _ in places.values()]
    axes.set_xlim(min(across) - 0.45, max(across) + 0.45)
    axes.set_ylim(-0.12, 1.12)
    axes.set_axis_off()
    title(axes, finding or _finding(graph))
    return axes


def _places(graph: pl.DataFrame) -> Places:
    """Return where each service stands: layers by the longest way from an entry, cycles broken first."""
    import networkx as nx

    directed: Any = nx.DiGraph()
    for caller, callee in graph.sort("calls", descending=True).select("caller", "callee").iter_rows():
        directed.add_edge(caller, callee)
        if caller == callee or nx.has_path(directed, callee, caller):  # the busier way round was there first
            directed.remove_edge(caller, callee)
    places: Places = {}
    for column, layer in enumerate(nx.topological_generations(directed)):
        names = sorted(layer, key=lambda name: (-_height_of_callers(directed, places, name), name))
        places |= {name: (float(column), 1 - (row + 0.5) / len(names)) for row, name in enumerate(names)}
    return places


def _height_of_callers(directed: Any, places: Places, name: str) -> float:
    """Return where a service's callers stand on average: ordered so, arrows cross less."""
    heights = [places[caller][1] for caller in directed.predecessors(name)]
    return sum(heights) / len(heights) if heights else 0.0


def _draw_call(axes: Axes, places: Places, edge: dict[str, Any], busy: float) -> None:
    begin, end = places[edge["caller"]], places[edge["callee"]]
    fails = edge["error_rate"] > 0
    bend = 0.0 if end[0] == begin[0] + 1 else 0.18
    loop = {"connectionstyle": f"arc3,rad={bend}", "shrinkA": 28, "shrinkB": 34, "arrowstyle": "-|>"}
    axes.annotate(
        "", end, begin,
        arrowprops=loop | {
            "linewidth": NARROWEST + (WIDEST - NARROWEST) * busy,
            "color": VERMILLION if fails else BLUE,
            "linestyle": "--" if fails else "-",
        },
    )  # fmt: skip
    failing = f"\n{edge['error_rate']:.1%} fail" if fails else ""
    # Past the middle, where the arrows of one caller have parted.
    at = (begin[0] + (end[0] - begin[0]) * 0.55, begin[1] + (end[1] - begin[1]) * 0.55)
    axes.annotate(
        f"{edge['calls']:,} calls, p95 {edge['p95_ms']:,.3g} ms{failing}", at,
        ha="center", va="center", fontsize=7, color=VERMILLION if fails else INK,
        bbox={"facecolor": "white", "linewidth": 0, "pad": 0.6},
    )  # fmt: skip


def _finding(graph: pl.DataFrame) -> str:
    failing = graph.filter(pl.col("error_rate") > 0).sort("errors", descending=True).head(1)
    if failing.is_empty():
        return "Who calls whom; no call failed"
    (edge,) = failing.to_dicts()
    return f"Most failing calls go from {edge['caller']} to {edge['callee']}: {edge['errors']:,}"
