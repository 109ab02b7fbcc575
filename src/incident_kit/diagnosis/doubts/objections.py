"""Check whether anything speaks against the cause that the evidence states.

An objection clears `stated` and is added to the evidence sentence.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.bad_request_path import with_objection
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
    objections = (doubt.objection(case) for doubt in DOUBTS)
    return _with_objection(case, next(filter(None, objections), None))


def _with_objection(case: Case, objection: str | None) -> Case:
    if objection is None:
        return case
    dependencies = case.dependencies
    if objection == slow_beside_failures.OBJECTION:
        dependencies = _stated_last(dependencies)
    return replace(case, dependencies=with_objection(dependencies, objection))


def _stated_last(dependencies: pl.DataFrame) -> pl.DataFrame:
    """Return the ranking without a score for the stated name, because another one has the failures."""
    cleared = dependencies.with_columns(score=pl.when("stated").then(0.0).otherwise("score"))
    return cleared.sort(pl.col("name") == UNEXPLAINED, -pl.col("score"), maintain_order=True)
