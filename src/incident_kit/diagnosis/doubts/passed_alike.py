"""Objection: the requests that failed pass the cause no more often than those that were served.

Example: while `fraud-detection` is slow, requests fail. It is called for 42 % of the requests, of the failed
ones as of the others, so most of these failed for another reason.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.culprits.pieces import FEWER_CALLS
from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.calls.tree_calls import TreeCalls
from incident_kit.measure.spans.span_tree import SpanTree

ON_NEARLY_ALL = 0.9
"""What more than this share of the served requests pass says nothing about the failed ones."""

MIN_PART = 0.5
"""A cause explains at least half of the failures, by the upper bound."""

MIN_REQUESTS = 10
"""Fewest failed requests, and fewest others, to compare."""


def objection(case: Case) -> str | None:
    """Return the objection to a cause of errors that failed requests pass no more often than others.

    Where the evidence is that calls are missing, failed requests may pass it less often for that reason.
    """
    culprit, tree = case.culprit, case.tree
    if culprit is None or tree is None or case.incident.kind != "errors":
        return None
    asked = tree.spans[tree.roots]
    during = asked.select(case.during.covers("start").fill_null(value=False)).to_series().to_numpy()
    name = culprit["name"]
    failed, passes = has_failed(asked), _passes(tree, case.calls.to_callee(name), name)
    theirs, others = passes[during & failed], passes[during & ~failed]
    if min(len(theirs), len(others)) < MIN_REQUESTS:
        return None
    usual = float(others.mean())
    _, high = wilson(theirs.sum(), len(theirs))
    may_explain = float(high) >= usual + MIN_PART * (1 - usual)
    are_missing = float(high) < usual and not FEWER_CALLS.isdisjoint(case.pieces.get(name, ()))
    if usual > ON_NEARLY_ALL or may_explain or are_missing:
        return None
    return "the requests that failed pass through it no more often than the others"


def _passes(tree: SpanTree, calls: TreeCalls, name: str) -> Bools:
    """Return whether the trace of each root has a span of a service, or one of the calls to it."""
    rows = (tree.spans["service"] == name).fill_null(value=False).to_numpy()
    passed = np.zeros(len(tree.roots), dtype=bool)
    passed[tree.trace[rows]] = True
    passed[tree.trace[calls.call]] = True
    of_roots: Bools = passed[tree.trace[tree.roots]]
    return of_roots
