"""Find calls that went as usual although no answer is on record, because the callee lost its instrumentation.

A killed service and one that lost its instrumentation leave the same gap in a trace. Calls to a killed
service end at once or when their caller gives up, and then the caller stops or tries again. Calls to an
uninstrumented service take as long as before, and the caller goes on as before.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.call_candidates import NO_ANSWER, CallCandidates
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.spans.parent_rows import Rows

CALL = ["service", "name", "callee"]

MIN_KNOWN_CALLS = 5
"""Fewest calls that have a usual duration."""

LAST_CALL_TOLERANCE = 0.2
"""Tolerance for the share of calls that are their caller's last one. Within a fifth of the usual share, the
callers go on as usual.
"""


def went_as_usual(linked: LinkedSpans, candidates: CallCandidates, unanswered: pl.DataFrame) -> pl.Series:
    """Return whether each unanswered call belongs to a kind of calls that went as usual.

    `unanswered` has the columns span (one of the `candidates`), service, name, callee (the service that used
    to answer). Messages, whose answer nobody waits for, are left out, because the time to send one means
    nothing.
    """
    latest = _latest(linked, candidates.span)
    answered = candidates.filter(
        linked.is_baseline[candidates.span]
        & (candidates.answer != NO_ANSWER)
        & linked.tree.awaited[candidates.answer]
    )
    length, last = pl.col("length"), pl.col("last").mean()
    known = (
        answered.named(linked)
        .with_columns(_went(linked, answered.span, latest))
        .group_by(CALL)
        .agg(low=length.quantile(0.25), high=length.quantile(0.75), usually_last=last, known=pl.len())
    )
    own = unanswered.select(CALL).with_columns(_went(linked, unanswered["span"].to_numpy(), latest))
    now = own.group_by(CALL).agg(median=length.median(), last=last)
    as_usual = (
        pl.col("median").is_between("low", "high")
        & ((pl.col("last") - pl.col("usually_last")).abs() <= LAST_CALL_TOLERANCE)
        & (pl.col("known") >= MIN_KNOWN_CALLS)
    )
    kinds = now.join(known, on=CALL).select(*CALL, as_usual=as_usual)
    return unanswered.join(kinds, on=CALL, how="left", maintain_order="left")["as_usual"].fill_null(
        value=False
    )


def _latest(linked: LinkedSpans, span: Rows) -> Rows:
    """Return the start of each segment's last call."""
    latest = np.full(len(linked), np.iinfo(np.int64).min)
    np.maximum.at(latest, linked.segment[span], linked.tree.start[span])
    return latest


def _went(linked: LinkedSpans, span: Rows, latest: Rows) -> list[pl.Series]:
    """Return how long calls took (`length`, ns), and whether each was its segment's last one (`last`)."""
    start = linked.tree.start[span]
    return [
        pl.Series("length", linked.tree.end[span] - start),
        pl.Series("last", start == latest[linked.segment[span]]),
    ]
