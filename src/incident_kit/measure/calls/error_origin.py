"""Find where failed traces began to fail, how far errors spread, and which errors were handled.

For example, `web` fails because `checkout` fails, and `checkout` because its call to `payments` fails without
an answer. The origin is that call in `checkout`, its callee is `payments`, and the error passed one or more
spans on its way up to `web`.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.calls.calls import calls_table
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.calls.tree_calls import tree_calls
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import AnySpans, SpanTree, span_tree


def error_origins(spans: AnySpans, calls: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return one row for each failed trace, by time: the deepest failing span on its failing path.

    The path leads from the failed root to the failing child that ended last (of retries the last attempt),
    and so on. Columns: `trace_id`, `root_service`, `root_name`, `route`, `start`, `service`, `name` (of the
    origin), `span_id`, `callee` (the origin's callee, which did not answer or answered well; null if the
    origin is no call), `callee_answered`, `depth` (spans that the error passed on its way up, 0 if the root
    itself is the origin). `calls` may be the table that `ik.calls` made of these spans, to avoid making it
    again.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    failed = has_failed(tree.spans)
    roots = tree.roots[failed[tree.roots]]
    origin, depth = _deepest(roots, _failing_child(tree, failed))
    root = tree.spans[roots].select("trace_id", "route", "start", root_service="service", root_name="name")
    found = root.with_columns(tree.spans[origin].select("service", "name", "span_id"), depth=pl.Series(depth))
    callees = (
        (calls_table(tree_calls(tree)) if calls is None else calls)
        .filter("failed")  # an origin has failed, and failed calls are few
        .join(found, on=["trace_id", "span_id"], how="semi")
        .unique(["trace_id", "span_id"], keep="first")
        .select("trace_id", "span_id", "callee", callee_answered=pl.col("callee_span_id").is_not_null())
    )
    return (
        found.join(callees, on=["trace_id", "span_id"], how="left")
        .select(
            "trace_id", "root_service", "root_name", "route", "start",
            "service", "name", "span_id", "callee", "callee_answered", "depth",
        )
        .sort("start", "trace_id")
    )  # fmt: skip


def swallowed_errors(spans: AnySpans) -> pl.DataFrame:
    """Return the handled errors: a span failed, but its parent and its trace's root did not.

    One row for each place: `service`, `name` (of the failing span), `swallowed_by` (the parent's service),
    `errors`, `traces`; the most frequent first.
    """
    tree = span_tree(spans)
    failed = has_failed(tree.spans)
    parent_failed = np.where(tree.parent == NO_PARENT, True, failed[tree.parent])
    failed_traces = tree.spans["trace_id"].gather(tree.roots[failed[tree.roots]])
    swallowed = pl.Series(failed & ~parent_failed) & ~tree.spans["trace_id"].is_in(failed_traces.implode())
    return (
        tree.spans.with_columns(swallowed_by=tree.of_parent("service"))
        .filter(swallowed)
        .group_by("service", "name", "swallowed_by")
        .agg(errors=pl.len(), traces=pl.col("trace_id").n_unique())
        .sort("errors", "service", "name", "swallowed_by", descending=[True, False, False, False])
    )


def _failing_child(tree: SpanTree, failed: Bools) -> Rows:
    """Return each span's failing child that ended last, among the children it waited for; -1 without one."""
    child = np.flatnonzero(failed & tree.awaited)
    child = child[np.lexsort((tree.start[child], tree.end[child]))]
    failing = np.full(tree.parent.size, NO_PARENT)
    failing[tree.parent[child]] = child  # the last of several children remains
    return failing


def _deepest(rows: Rows, below: Rows) -> tuple[Rows, Rows]:
    """Follow `below` from each row to its end, and return the ends and the numbers of steps."""
    at, depth = rows.copy(), np.zeros_like(rows)
    going = np.flatnonzero(below[at] != NO_PARENT)
    while going.size:
        at[going] = below[at[going]]
        depth[going] += 1
        going = going[below[at[going]] != NO_PARENT]
    return at, depth
