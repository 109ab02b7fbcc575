"""List calls between services: a caller's span, the span that answered it, and the time between the two.

The part of a call outside the callee's span was spent on the way: network, queue, connection pool. For
example, a client span of 80 ms with a server span of 60 ms that begins 15 ms later has 15 ms before and 5 ms
after. A call without an answering span went to something uninstrumented (a database, a third party), or was
lost.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.calls.call_candidates import NO_ANSWER
from incident_kit.measure.calls.tree_calls import TreeCalls, tree_calls
from incident_kit.measure.spans.clock_skew import on_one_clock
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.span_tree import AnySpans, span_tree

SYSTEMS = {"database": ("db.system.name", "db.system"), "messaging": ("messaging.system",)}


def calls(spans: AnySpans) -> pl.DataFrame:
    """Return one row for each call, in the order of the spans.

    Columns: `trace_id`, `span_id` (the caller's span), `callee_span_id` (null without an answer), `caller`,
    `callee` (the answering service, else the name in the caller's span), `kind` (of the callee: service,
    database, messaging or external), `operation` (the callee's, else the caller's), `start`, `duration_ms`,
    `callee_ms`, `before_ms` (from the call to the callee's start) and `after_ms` (from the callee's end to
    the call's), `gap_ms` (both together; null without an answer or for a message, which nobody waits for),
    `failed`, `callee_failed`, `retry` (the same parent span made the same call just before, and that call
    failed).

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    return calls_table(tree_calls(on_one_clock(span_tree(spans))))


def calls_table(made: TreeCalls, *columns: str) -> pl.DataFrame:
    """Return a table with the given columns of `calls`, or with all of them."""
    return pl.DataFrame([COLUMNS[name](made).alias(name) for name in columns or COLUMNS])


def _of_answer(made: TreeCalls, column: pl.Series) -> pl.Series:
    """Return each answer's value of a column of the spans, null without an answer."""
    return column.gather(pl.Series(made.answer).replace(NO_ANSWER, None))


def _kind(made: TreeCalls) -> pl.Series:
    """Return the kind of each callee. The caller's attributes decide for callees that are no service."""
    kind = made.pairs["kind"].gather(made.pair)
    others = kind.is_null().arg_true()
    systems = made.tree.spans["attributes"].gather(made.call[others]).to_frame().select(_system())
    return kind.scatter(others, systems.to_series())


def _system() -> pl.Expr:
    """Return the expression for the kind of system that a call's attributes name."""
    named = {
        kind: pl.any_horizontal(
            pl.col("attributes").str.contains(f'"{name}":', literal=True) for name in names
        )
        for kind, names in SYSTEMS.items()
    }
    kind = pl.coalesce(pl.when(is_kind).then(pl.lit(kind)) for kind, is_kind in named.items())
    return kind.fill_null("external")


def _before(made: TreeCalls) -> Ints:
    before: Ints = made.tree.start[made.answer] - made.tree.start[made.call]
    return before


def _after(made: TreeCalls) -> Ints:
    after: Ints = made.tree.end[made.call] - made.tree.end[made.answer]
    return after


def _waited(made: TreeCalls, ns: Ints) -> pl.Series:
    """Return times around the answers in ms, null if nobody waited for an answer."""
    waited: Floats = np.where(made.answered & made.tree.awaited[made.answer], ns / NS_PER_MS, np.nan)
    return pl.Series(waited, nan_to_null=True)


COLUMNS: dict[str, Callable[[TreeCalls], pl.Series]] = {
    "trace_id": lambda made: made.of_call("trace_id"),
    "span_id": lambda made: made.of_call("span_id"),
    "callee_span_id": lambda made: _of_answer(made, made.tree.spans["span_id"]),
    "caller": lambda made: made.pairs["caller"].gather(made.pair),
    "callee": lambda made: made.pairs["callee"].gather(made.pair),
    "kind": _kind,
    "operation": lambda made: made.pairs["operation"].gather(made.pair),
    "start": lambda made: made.of_call("start"),
    "duration_ms": lambda made: made.of_call("duration_ms"),
    "callee_ms": lambda made: _of_answer(made, made.tree.spans["duration_ms"]),
    "before_ms": lambda made: _waited(made, _before(made)),
    "after_ms": lambda made: _waited(made, _after(made)),
    "gap_ms": lambda made: _waited(made, _before(made) + _after(made)),
    "failed": lambda made: pl.Series(made.failed[made.call]),
    "callee_failed": lambda made: _of_answer(made, pl.Series(made.failed)),
    "retry": lambda made: pl.Series(made.retry),
}
"""Function that makes each column of a table of calls."""
