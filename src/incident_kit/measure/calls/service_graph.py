"""Build the call graph: how often, how long and how services call each other, entry points and cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from incident_kit.measure.calls.calls import calls
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.spans.span_tree import AnySpans, span_tree
from incident_kit.schema import AnyFrame, table_of

if TYPE_CHECKING:
    import networkx as nx

MADE_BY = "ik.service_graph(spans)"
QUANTILES = {f"p{percent}_ms": pl.col("duration_ms").quantile(percent / 100) for percent in (50, 95, 99)}


def service_graph(spans: AnySpans) -> pl.DataFrame:
    """Return one row for each edge, the busiest first.

    Columns: `caller`, `callee`, `kind` (of the callee: service, database, messaging or external), `calls`,
    `errors`, `error_rate`, `p50_ms`, `p95_ms`, `p99_ms` (of the caller's spans), `gap_p50_ms` (the part of a
    call outside the callee), `requests` (traces with the edge), `calls_per_request`, `retries`.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    return call_edges(calls(spans))


def call_edges(made: pl.DataFrame) -> pl.DataFrame:
    """Return the edges of a table of `ik.calls`; see `service_graph`."""
    edges = made.group_by("caller", "callee", maintain_order=True).agg(
        pl.col("kind").mode().sort().first(),
        calls=pl.len(),
        errors=pl.col("failed").sum(),
        error_rate=pl.col("failed").mean(),
        **QUANTILES,
        gap_p50_ms=pl.col("gap_ms").median(),
        requests=pl.col("trace_id").n_unique(),
        calls_per_request=pl.len() / pl.col("trace_id").n_unique(),
        retries=pl.col("retry").sum(),
    )
    return edges.sort("calls", "caller", "callee", descending=[True, False, False])


def entry_points(spans: AnySpans) -> pl.DataFrame:
    """Return where requests enter: [service, name, requests, errors, p50_ms, p95_ms, p99_ms]."""
    tree = span_tree(spans)
    roots = tree.spans[tree.roots]
    points = roots.with_columns(failed=pl.Series(has_failed(roots))).group_by("service", "name")
    return points.agg(requests=pl.len(), errors=pl.col("failed").sum(), **QUANTILES).sort(
        "requests", "service", "name", descending=[True, False, False]
    )


def fan_out(graph: AnyFrame) -> pl.DataFrame:
    """Return how far each service spreads a request: [service, callees, calls_per_request], widest first.

    `graph` is the table of `service_graph`.
    """
    edges = table_of(MADE_BY, graph, caller=pl.String, calls_per_request=pl.Float64)
    spread = edges.group_by("caller").agg(
        callees=pl.len(), calls_per_request=pl.col("calls_per_request").sum()
    )
    return spread.rename({"caller": "service"}).sort("calls_per_request", "service", descending=[True, False])


def call_cycles(graph: AnyFrame) -> list[tuple[str, ...]]:
    """Return the cycles of services that call each other in turn, the shortest first.

    `graph` is the table of `service_graph`.
    """
    import networkx as nx

    cycles = nx.simple_cycles(as_networkx(graph))
    turned = (tuple(cycle[cycle.index(min(cycle)) :] + cycle[: cycle.index(min(cycle))]) for cycle in cycles)
    return sorted(turned, key=lambda cycle: (len(cycle), cycle))


def as_networkx(graph: AnyFrame) -> nx.DiGraph[str]:
    """Return the call graph as a directed networkx graph, with the other columns as edge attributes.

    `graph` is the table of `service_graph`.
    """
    import networkx as nx

    directed: nx.DiGraph[str] = nx.DiGraph()
    for edge in table_of(MADE_BY, graph, caller=pl.String, callee=pl.String).iter_rows(named=True):
        directed.add_edge(edge.pop("caller"), edge.pop("callee"), **edge)
    return directed
