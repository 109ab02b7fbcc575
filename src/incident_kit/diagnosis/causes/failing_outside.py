"""Check whether requests that failed by the log also fail in their traces; if not, the traces name no cause.

A proxy can fail requests by itself: it refuses them, finds no upstream, or gives up on an answer. A process
that dies or hangs writes no spans of the requests it got. Example: the log has 400 requests with 502, and 390
of their traces look like any other. Then no service in the traces made them fail.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.causes.endpoint_keys import endpoint_key
from incident_kit.diagnosis.causes.not_in_traces import (
    MIN_BAD_TRACES,
    MIN_TRACES,
    MOSTLY,
    NotInTraces,
    concerned_endpoints,
)
from incident_kit.diagnosis.causes.traced import Traced
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.window import Window
from incident_kit.wording import count, percent

LEFT_NO_TRACE = "the requests that failed left hardly any trace"
WENT_WELL = "the requests that failed went well in their traces"
LOOKS_LIKE_ANY = "the traces of the requests that failed look like any other"
ALIKE_WENT_WELL = "requests to the same endpoints hardly fail in the traces"
"""The objections to a cause that the traces name."""

USUAL_QUANTILE, FAR_BEYOND = 0.99, 2.0
"""Beyond twice the 99th percentile of usual traces, a client or a proxy may have given up on the request."""

RARE = 0.1
"""A missing root, or a low number of spans, is a sign of failure only where at most this share of the traces
had it before the incident."""


def failures_not_in_traces(
    rollup: Rollup, requests: pl.DataFrame | None, traced: Traced, incident: Incident, during: Window
) -> NotInTraces | None:
    """Return the objection to the traces if they do not show an incident of failures; else None.

    The failed requests are found in the traces by their trace ids or, if few have one, by their endpoints.
    """
    judged = None if requests is None else _with_ids(requests, traced, incident, during)
    if judged is not None and (lost := _left_no_trace(judged)) is not None:
        return lost
    odd = _odd_traces(traced, incident)
    failed = None if judged is None else judged.filter("bad").join(odd, on="trace_id")
    if failed is None or failed.height < MIN_TRACES:
        return _by_endpoint(rollup, odd, incident, during)
    shown = int(failed["odd"].sum())
    if shown > (1 - MOSTLY) * failed.height:
        return None
    if not _tell_failures(traced.tree.spans):
        return NotInTraces(LOOKS_LIKE_ANY)
    proof = f"Of {count(failed.height, 'failed request')} with a trace {shown:,} look like that in it."
    return NotInTraces(WENT_WELL, proof)


def _with_ids(requests: pl.DataFrame, traced: Traced, incident: Incident, during: Window) -> pl.DataFrame:
    """Return [trace_id, bad, joined] of the incident's requests that have a trace id."""
    within = requests.lazy().filter(during.covers(), pl.col("trace_id").is_not_null())
    judged = within.select("trace_id", is_bad(incident.slo)).drop_nulls("bad").collect()
    return judged.with_columns(joined=pl.col("trace_id").is_in(traced.ids.implode()))


def _left_no_trace(judged: pl.DataFrame) -> NotInTraces | None:
    """Return the objection that the failed requests have no traces, if the other requests have."""
    well, failed = (judged.filter(pl.col("bad") == is_bad)["joined"] for is_bad in (False, True))
    if well.is_empty() or failed.is_empty():
        return None
    usual, now = (int(one.sum()) / len(one) for one in (well, failed))
    if usual * len(failed) < MIN_TRACES or now > (1 - MOSTLY) * usual:
        return None
    proof = (
        f"Of {count(len(failed), 'failed request')} {percent(now, 0)} have a trace; of the others in the "
        f"same time {percent(usual, 0)}."
    )
    return NotInTraces(LEFT_NO_TRACE, proof)


def _tell_failures(spans: pl.DataFrame) -> bool:
    """Return whether spans tell that they failed, or that they did not: many formats have no status."""
    return spans["http_status"].count() > 0 or bool((spans["status"] == "error").any())


def _odd_traces(traced: Traced, incident: Incident) -> pl.DataFrame:
    """Return [trace_id, key, start_time, odd] of all traces.

    A trace is odd if it has a failure, took far too long, or lacks spans that nearly all others have. Many
    spans do not tell that they failed, but a request that fails makes fewer calls.
    """
    roots = _roots(traced)
    usual = roots.filter(incident.baseline.covers("start"))
    usually_whole = usual.height > 0 and int(usual["orphan"].sum()) <= RARE * usual.height
    works = ["service", "name"]
    limits = usual.group_by(works).agg(
        longest_ms=pl.col("duration_ms").quantile(USUAL_QUANTILE),
        fewest=pl.col("spans").quantile(RARE, "lower"),
    )
    late = (pl.col("duration_ms") > FAR_BEYOND * pl.col("longest_ms")).fill_null(value=False)
    short = (pl.col("spans") < pl.col("fewest")).fill_null(value=False) | (pl.col("orphan") & usually_whole)
    odd = roots.join(limits, on=works, how="left").select("trace_id", odd=pl.col("failed") | late | short)
    known = traced.requests.select("trace_id", "start_time", key=endpoint_key()).unique("trace_id")
    return odd.join(known, on="trace_id", how="left")


def _roots(traced: Traced) -> pl.DataFrame:
    """Return every trace's root with its number of spans, whether any failed, and whether it is an orphan."""
    tree = traced.tree
    of_root = tree.trace[tree.roots]
    failures = np.bincount(tree.trace, weights=has_failed(tree.spans))[of_root]
    return tree.spans[tree.roots].select(
        "trace_id", "service", "name", "start", "duration_ms",
        orphan=pl.col("parent_span_id").is_not_null(),
        failed=pl.Series(failures > 0),
        spans=pl.Series(np.bincount(tree.trace)[of_root]),
    )  # fmt: skip


def _by_endpoint(rollup: Rollup, odd: pl.DataFrame, incident: Incident, during: Window) -> NotInTraces | None:
    """Return the objection that the endpoints which failed in the log hardly have odd traces, or None.

    The rise of the share of failures is compared with the rise of the share of odd traces.
    """
    now, usual = (
        odd.filter(window.covers()).group_by("key").agg(pl.len().alias("traces"), pl.col("odd").mean())
        for window in (during, incident.baseline)
    )
    enough = (
        concerned_endpoints(rollup, incident)
        .join(now, on="key")
        .join(usual.filter(pl.col("traces") >= MIN_TRACES), on="key", suffix="_usual")
        .with_columns(
            expected=pl.col("traces") * (pl.col("bad") / pl.col("requests") - pl.col("usual_share"))
        )
        .filter(pl.col("expected") >= MIN_BAD_TRACES)
    )
    shown = pl.col("traces") * (pl.col("odd") - pl.col("odd_usual"))
    if enough.is_empty() or enough.select(shown.sum() > (1 - MOSTLY) * pl.col("expected").sum()).item():
        return None
    return NotInTraces(ALIKE_WENT_WELL)
