"""Pattern: the failed requests say why they failed, most of them with one message.

Example: of 494 failed requests 480 say "connect ECONNREFUSED 10.0.0.7:5432" at `cart`, and none before. So
nothing listens at that address. The message is that of a span, or stands in the request's line of the log.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.error_meanings import Meaning, meaning_of
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.measure.calls.failure_messages import failures_that_say_why
from incident_kit.measure.calls.linked_spans import CALLING_KINDS
from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.measure.requests.error_messages import alike, logged_error
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.sensitive import mask_secrets
from incident_kit.window import Window

MIN_REQUESTS = 10
"""Fewer failed requests than this may have said anything."""

MOST = 0.5
"""A message is told if surely this part of the failed requests say it."""

NOTHING_SAID = pl.DataFrame(schema={"request": pl.UInt32, "row": pl.UInt32, "message": pl.String})

MESSAGE_WIDTH = 140
"""Longest message that is quoted, in characters; the reason is mostly at one of its ends."""


def find(case: Case) -> Finding | None:
    """Return the finding that most failed requests of an error incident give one message."""
    if case.incident.kind != "errors":
        return None
    during, before = _failures(case, case.during), _failures(case, case.before)
    most = _most_said(during)
    requests = during["request"].n_unique()
    if most is None or requests < MIN_REQUESTS:
        return None
    low, high = share_interval(most["requests"], requests)
    if low < MOST:
        return None
    usual = before.filter(pl.col("same") == most["same"])["request"].n_unique()
    traced = "" if case.tree is None else " with a trace"
    evidence = (
        f"{wording.share_with_interval(most['requests'] / requests, low, high)} of the "
        f"{wording.count(requests, 'failed request')}{traced} say so; {usual or 'none'} before."
    )
    quoted = wording.shorten(mask_secrets(most["message"]), MESSAGE_WIDTH)
    place = "in the log" if case.tree is None else _place(case.tree, most["row"])
    return _finding(quoted, place, meaning_of(most["message"]), evidence)


def _failures(case: Case, window: Window) -> pl.DataFrame:
    """Return what the failed requests of a window say: number of the request, `row` of who says it, message.

    `same` is the message without what varies. Messages are null for a request that says nothing. Where there
    are traces, the requests are theirs. A rollup knows no messages.
    """
    if case.tree is not None:
        found = _traced(case, case.tree, window)
    elif case.requests is not None:
        found = _logged(case, case.requests, window)
    else:
        found = NOTHING_SAID
    return found.with_columns(same=alike(pl.col("message")))


def _traced(case: Case, tree: SpanTree, window: Window) -> pl.DataFrame:
    roots = tree.roots[case.calls.failed[tree.roots]]
    asked = tree.spans[roots].select("start", request=pl.Series(tree.trace[roots]))
    said = failures_that_say_why(tree, case.calls.failed)
    return asked.filter(window.covers("start")).join(said, left_on="request", right_on="trace", how="left")


def _logged(case: Case, requests: pl.DataFrame, window: Window) -> pl.DataFrame:
    failed = requests.filter(window.covers(), is_bad(case.incident.slo)).with_row_index("row")
    return failed.select("row", request="row", message=logged_error())


def _most_said(said: pl.DataFrame) -> dict[str, Any] | None:
    """Return what most requests say, in the words that most of those use, and one `row` that says it."""
    told = said.drop_nulls("message")
    requests = told.group_by("same").agg(requests=pl.col("request").n_unique())
    words = told.group_by("same", "message").agg(pl.len(), pl.col("row").min())
    counted = requests.join(words, on="same").sort(
        "requests", "same", "len", "row", descending=[True, False, True, False]
    )
    return counted.row(0, named=True) if counted.height else None


def _place(tree: SpanTree, row: int) -> str:
    """Return in words which service says it, and which callee it called, if it is a call."""
    span = tree.spans.row(row, named=True)
    calls = span["kind"] in CALLING_KINDS and span["peer"]
    called = f", calling {wording.shorten(span['peer'])}" if calls else ""
    return f"{span['service'] or 'a service without a name'}{called}"


def _finding(quoted: str, place: str, meaning: Meaning, evidence: str) -> Finding:
    so = f": {meaning.says}" if meaning.says else ""
    return Finding(
        id="error-message",
        priority="reliability",
        claim=f'Most failed requests say "{quoted}" ({place}){so}.',
        evidence=evidence,
        change=meaning.change,
        risk=meaning.risk,
        verify=meaning.verify,
        monitor=meaning.monitor,
    )
