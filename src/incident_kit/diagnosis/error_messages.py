"""Count what failed requests say of their failure, in an incident and before it.

Example: in an incident 494 requests failed. Of them 480 say that a connection to some address was refused,
each pod in its own words, and none did so before.
"""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.error_meanings import meaning_of
from incident_kit.measure.calls.failure_messages import failure_messages
from incident_kit.measure.requests.error_messages import alike, logged_errors
from incident_kit.measure.requests.outcome import is_error
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.schema import REQUESTS, AnyFrame, conform, empty
from incident_kit.window import Window

COLUMNS = {
    "message": pl.String, "service": pl.String, "callee": pl.String, "requests": pl.Int64,
    "share": pl.Float64, "failed": pl.Int64, "before": pl.Int64, "means": pl.String,
}  # fmt: skip

WORDS = ("message", "service", "callee")


def error_messages(
    requests: AnyFrame | None = None,
    spans: AnyFrame | SpanTree | None = None,
    *,
    incident: Window | str,
    baseline: Window | str,
) -> pl.DataFrame:
    """Return what failed requests say of their failure: one row for each message, the most frequent first.

    The messages are those of the spans; where spans say nothing, those of the errors that were logged in the
    lines of the requests. Messages that differ only in ids, addresses and numbers are one, in its most
    frequent words.

    Returns
    -------
    message, service (which says it), callee (which it called), requests (failed ones of the incident that say
    it), share of the failed requests, failed (number of these), before (requests that said it in the
    baseline), means (what the words of runtimes and servers mean, null if they are not known).

    Raises
    ------
    SchemaError
        If a frame lacks what it needs: `start_time` and `status` of requests, ids and times of spans.
    """
    failures = _failures(requests, spans).with_columns(same=alike(pl.col("message")))
    during, before = (failures.filter(Window.of(each).covers("start")) for each in (incident, baseline))
    usual = _requests(before).rename({"requests": "before"})
    failed = during["request"].n_unique()
    return (
        _requests(during)
        .join(_words(during), on="same")
        .join(usual, on="same", how="left")
        .sort("requests", "same", descending=[True, False])
        .with_columns(pl.col("before").fill_null(0), share=pl.col("requests") / max(failed, 1))
        .with_columns(failed=pl.lit(failed), means=_meanings())
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
    )


def _failures(requests: AnyFrame | None, spans: AnyFrame | SpanTree | None) -> pl.DataFrame:
    """Return the failed requests: request (its number or trace), start, service, callee, message."""
    if spans is not None:
        traced = failure_messages(spans).rename({"trace_id": "request"})
        if requests is None or traced["message"].count():
            return traced
    nobody = pl.lit(None, dtype=pl.String)
    failed = conform(empty(REQUESTS) if requests is None else requests, REQUESTS).filter(is_error())
    return logged_errors(failed).with_row_index("request").with_columns(service=nobody, callee=nobody)


def _requests(failures: pl.DataFrame) -> pl.DataFrame:
    told = failures.drop_nulls("message")
    return told.group_by("same").agg(requests=pl.col("request").n_unique())


def _words(failures: pl.DataFrame) -> pl.DataFrame:
    """Return the most frequent words of each message, and who says them most often."""
    told = failures.drop_nulls("message")
    often = told.group_by("same", *WORDS).len().sort("len", *WORDS, descending=[True, False, False, False])
    return often.drop("len").unique("same", keep="first", maintain_order=True)


def _meanings() -> pl.Expr:
    said = pl.col("message").map_elements(lambda message: meaning_of(message).says, return_dtype=pl.String)
    return said.replace("", None)
