"""Objection: a service that fails has stopped calling a database, which may be what fails.

A call that gets no connection leaves no span, whether the caller's pool is exhausted or the database is down.
"""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.case import Case
from incident_kit.measure.calls.linked_spans import SERVING_KINDS
from incident_kit.measure.calls.tree_calls import TreeCalls
from incident_kit.window import Window
from incident_kit.wording import listed

HARDLY_ANY = 0.1
"""A service has stopped calling a database if it makes at most a tenth of its usual calls per request."""

MIN_CALLS = 20
"""Fewer calls than this in the baseline do not show that it always calls it."""

PIECES = frozenset({"own_failures", "vanished_calls"})
"""The evidence against a service that a failing connection leaves."""


def objection(case: Case) -> str | None:
    """Return the objection to a service that fails by itself while it no longer calls a database."""
    culprit = case.culprit
    if culprit is None or case.tree is None or culprit["kind"] != "service":
        return None
    name = culprit["name"]
    if case.strongest_piece(name) not in PIECES:
        return None
    gone = _no_longer_called(case, case.tree.spans, name)
    if not gone:
        return None
    return f"it hardly calls {listed(gone)} any more, and may get no connection there"


def _no_longer_called(case: Case, spans: pl.DataFrame, name: str) -> list[str]:
    """Return the databases that a service has stopped calling and that nobody else calls."""
    pairs = case.calls.pairs
    others = set(pairs.filter(pl.col("caller") != name)["callee"])
    own = case.calls.filter((pairs["caller"] == name).fill_null(value=False).to_numpy()[case.calls.pair])
    unanswered = own.filter(~own.answered)
    before, during = (_per_request(unanswered, spans, name, window) for window in (case.before, case.during))
    made = before.join(during, on="callee", how="left", suffix="_now")
    gone = made.filter(
        pl.col("calls") >= MIN_CALLS,
        pl.col("rate_now").fill_null(0.0) <= HARDLY_ANY * pl.col("rate"),
        ~pl.col("callee").is_in(list(others)),
    )
    return gone["callee"].sort().to_list()


def _per_request(calls: TreeCalls, spans: pl.DataFrame, name: str, window: Window) -> pl.DataFrame:
    """Return how many calls a service makes to each callee, and how many for each request that it serves."""
    serves = (pl.col("service") == name) & pl.col("kind").is_in(SERVING_KINDS)
    served = spans.select("service", "kind", "start").filter(window.covers("start"), serves).height
    within = calls.within(window)
    made = within.pairs.select("callee")[within.pair]["callee"].value_counts(name="calls")
    return made.with_columns(rate=pl.col("calls") / max(served, 1))
