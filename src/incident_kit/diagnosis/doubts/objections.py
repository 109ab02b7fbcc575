"""Check whether anything speaks against the cause that the evidence states.

An objection clears `stated` and is added to the evidence sentence.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.objection import with_objection
from incident_kit.diagnosis.doubts import (
    lost_spans,
    no_connection,
    passed_alike,
    slow_beside_failures,
    unresolved_name,
    unseen_work,
)
from incident_kit.diagnosis.doubts.shared_place import shared_place
from incident_kit.wording import UNEXPLAINED

OF_KINDS = {
    "outage": "the requests in the log tell nothing of those that it lacks",
    "traffic": "traffic moved, and no endpoint got worse",
}
"""Objections to any cause. Requests that did arrive cannot explain an outage. If more requests are slow
because traffic moved, nothing got slower."""

DOUBTS = (
    lost_spans, unseen_work, no_connection, unresolved_name, passed_alike, slow_beside_failures,
)  # fmt: skip


def with_doubts(case: Case) -> Case:
    """Return the case with `place` set, and without a stated cause if there is an objection to it."""
    case = _with_objection(case, OF_KINDS.get(case.incident.kind))
    case = replace(case, place=shared_place(case))
    if case.place is not None:
        return _with_objection(case, case.place.objection)
    told = ((doubt, doubt.objection(case)) for doubt in DOUBTS)
    doubt, objection = next((each for each in told if each[1]), (None, None))
    if doubt is slow_beside_failures:
        case = _with_the_stated_last(case)
    return _with_objection(case, objection)


def _with_objection(case: Case, objection: str | None) -> Case:
    if objection is None:
        return case
    return replace(case, dependencies=with_objection(case.dependencies, objection))


def _with_the_stated_last(case: Case) -> Case:
    """Return the case in which the stated cause has no score, because another one has the failures."""
    cleared = case.dependencies.with_columns(score=pl.when("stated").then(0.0).otherwise("score"))
    ranked = cleared.sort(pl.col("name") == UNEXPLAINED, -pl.col("score"), maintain_order=True)
    (stated,) = case.dependencies.filter("stated")["name"]
    return replace(case, dependencies=ranked, slow_beside_failures=stated)
