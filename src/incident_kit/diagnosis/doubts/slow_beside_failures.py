"""Objection: the cause is slow, another dependency fails, and the requests that fail do not wait longer.

Example: `pricing` takes 230 ms more for every request, and each fifth call to `stock` fails. Nearly all
requests pass through both, so `passed_alike` says nothing. But the failed requests wait no longer for
`pricing` than those that were served, and `stock` does not call `pricing`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from scipy.stats import mannwhitneyu

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.culprits.pieces import FAILURES, FEWER_CALLS
from incident_kit.diagnosis.culprits.statedness import BEYOND_CHANCE
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.intervals import Z
from incident_kit.measure.calls.tree_calls import TreeCalls

MIN_REQUESTS = 10
"""Fewest failed requests, and fewest others, to compare."""

HARDLY_LONGER = 0.6
"""A failed request may wait longer than a served one with this probability, by the upper bound. Who fails
because of a time-out waits longer with a probability near 1; 0.5 is no difference."""

MOST = 0.5
"""Share of the failures that another dependency surely has, so that they are its."""


def objection(case: Case) -> str | None:
    """Return the objection to a cause of errors that is only slow, if another dependency fails instead."""
    culprit = case.culprit
    if culprit is None or case.tree is None or case.incident.kind != "errors":
        return None
    name = culprit["name"]
    if not (FEWER_CALLS | set(FAILURES)).isdisjoint(case.pieces.get(name, ())):
        return None
    callers = _callers(case.calls.pairs, name)
    fail_instead = [row for row in case.dependencies.iter_rows(named=True) if _has_the_failures(case, row)]
    if not any(row["name"] not in callers for row in fail_instead) or not _waits_alike(case, name):
        return None
    return "the requests that failed wait no longer for it than the others"


def _has_the_failures(case: Case, row: dict[str, Any]) -> bool:
    """Return whether a dependency surely fails by itself and has most of the failures."""
    fails = case.strongest_piece(row["name"]) in FAILURES
    return fails and row["score"] > BEYOND_CHANCE and row["low"] >= MOST


def _callers(pairs: pl.DataFrame, name: str) -> set[str]:
    """Return a name and all that call it, directly or through others: they may fail because of it."""
    found, added = {name}, {name}
    while added:
        callers = pairs.filter(pl.col("callee").is_in(list(added)))["caller"].drop_nulls()
        added = set(callers) - found
        found |= added
    return found


def _waits_alike(case: Case, name: str) -> bool:
    """Return whether requests that failed surely waited hardly longer for a callee than those served."""
    calls = case.calls.to_callee(name).within(case.during)
    tree = calls.tree
    waits = np.bincount(tree.trace[calls.call], weights=_durations(calls), minlength=len(tree.roots))
    passes = np.bincount(tree.trace[calls.call], minlength=len(tree.roots)) > 0
    failed: Bools = np.zeros(len(tree.roots), dtype=bool)
    failed[tree.trace[tree.roots]] = calls.failed[tree.roots]
    theirs, others = waits[passes & failed], waits[passes & ~failed]
    if min(len(theirs), len(others)) < MIN_REQUESTS:
        return False
    longer = mannwhitneyu(theirs, others).statistic / (len(theirs) * len(others))
    # The standard error of that probability where both wait alike, without correction for ties.
    error = np.sqrt((len(theirs) + len(others) + 1) / (12 * len(theirs) * len(others)))
    return bool(longer + Z * error <= HARDLY_LONGER)


def _durations(calls: TreeCalls) -> Floats:
    """Return how long each call took, by the callee's span where it left one."""
    durations = calls.tree.spans["duration_ms"].fill_null(0.0).to_numpy()
    took: Floats = np.where(calls.answered, durations[calls.answer], durations[calls.call])
    return took
