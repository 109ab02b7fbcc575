"""Objection: spans were lost on their way, so calls that seem to be missing may have been made."""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.culprits.pieces import FEWER_CALLS
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.window import Window

MANY_MORE = 0.05
"""One span in twenty more than before lacks its parent; a process that dies takes fewer with it."""


def objection(case: Case) -> str | None:
    """Return the objection to a cause that rests on missing calls, if spans are missing as well."""
    culprit, tree = case.culprit, case.tree
    if culprit is None or tree is None or FEWER_CALLS.isdisjoint(case.pieces.get(culprit["name"], ())):
        return None
    lost = tree.spans["parent_span_id"].is_not_null() & pl.Series(tree.parent == NO_PARENT)
    before, during = (_share(tree.spans, lost, window) for window in (case.before, case.during))
    if during - before < MANY_MORE:
        return None
    return f"{wording.percent(during)} of the spans have lost their parent: calls may be missing like those"


def _share(spans: pl.DataFrame, lost: pl.Series, window: Window) -> float:
    within = lost.filter(spans.select(window.covers("start")).to_series().fill_null(value=False))
    return int(within.sum()) / max(len(within), 1)
