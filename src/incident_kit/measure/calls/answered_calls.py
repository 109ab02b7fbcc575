"""Calls that somebody answered: the caller's span, the callee's segment, the time before and after it."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.linked_spans import NS_PER_MS
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import Flags

NO_SPAN = -1
"""Stands for the span of a call that none has to itself."""


def answered_calls(linked: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each entry that has a caller's span; `linked`: see `measure.linked_spans`.

    The parent is the call itself, with time before and after, if it is a client; or, where kinds are
    unknown, if it is inside its segment and has that entry as its only child. Otherwise (a server span
    with callees right below it) the callee's interval stands for the call, and the gap is unknown; as it
    is where nobody waits for the answer, for a message. `unseen` are those that somebody waits for without a
    span for it.
    """
    parent, start, end = (linked[name].to_numpy() for name in ("parent", "start", "end"))
    callee = np.flatnonzero(linked["entry"].to_numpy() & (parent != NO_PARENT))
    call = parent[callee]
    begin, finish, called_at, answered_at = start[callee], end[callee], start[call], end[call]
    first, last, longest = _extent(callee, call, begin, finish)
    pure, waits = _is_call(linked, parent)[call], linked["waits"].to_numpy()[callee]
    known = pure & (longest == callee) & waits
    failed = linked["failed"].to_numpy()
    callee_failed = failed[callee]
    call_failed = np.where(pure, failed[call], callee_failed)
    return pl.DataFrame(
        {
            "segment": linked["segment"].to_numpy()[call],
            "callee_segment": callee,
            "trace": linked["trace"].to_numpy()[callee],
            "caller": linked["service"].gather(call),
            "callee": linked["service"].gather(callee),
            "operation": linked["operation"].gather(callee),
            "span": np.where(known, call, NO_SPAN),
            "recorded": pure,
            "unseen": ~pure & waits,
            "start": np.where(pure, called_at, begin),
            "end": np.where(pure, answered_at, finish),
            "before_ms": np.where(known, (first - called_at) / NS_PER_MS, np.nan),
            "after_ms": np.where(known, (answered_at - last) / NS_PER_MS, np.nan),
            "failed": call_failed | callee_failed,
            "origin": call_failed & ~callee_failed,
        },
        nan_to_null=True,
    )


def _is_call(linked: pl.DataFrame, parent: Rows) -> Flags:
    """Whether a span with an entry below it is a call, all of it."""
    alone = np.bincount(parent[parent != NO_PARENT], minlength=len(parent)) == 1
    calling, unlabelled, entry = (linked[name].to_numpy() for name in ("calling", "unlabelled", "entry"))
    is_call: Flags = calling | (unlabelled & ~entry & alone)
    return is_call


def _extent(callee: Rows, call: Rows, begin: Rows, finish: Rows) -> tuple[Rows, Rows, Rows]:
    """Return when all the callees of each one's call began and ended, and which of them took longest."""
    first, last, longest = (np.zeros(call.max(initial=-1) + 1, dtype=np.int64) for _ in range(3))
    first[call], last[call] = begin, finish
    np.minimum.at(first, call, begin)
    np.maximum.at(last, call, finish)
    by_length = np.argsort(finish - begin, kind="stable")
    longest[call[by_length]] = callee[by_length]  # of several the last in order stays
    return first[call], last[call], longest[call]
