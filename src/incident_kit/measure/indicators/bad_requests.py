"""Decide which valid requests were bad for an SLO, on requests and on a rollup.

`errors` counts a request as bad when it means 5xx, `latency` when it took longer than the threshold, and
`availability` when it is an error or its client gave up after the threshold. Unknown is not good: a request
without a duration has no latency verdict (null), and the latency indicator leaves it out of its denominator.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.arrays.histogram import bucket_index
from incident_kit.measure.requests.outcome import is_error, is_given_up, is_slow
from incident_kit.measure.requests.status_meaning import SERVER_ERROR
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.slo import Slo

FAILED = pl.when(pl.col("status") >= SERVER_ERROR).then(pl.col("requests")).otherwise(0)
"""Failed requests in a row of a rollup's `counts` or `upstreams`."""


def is_bad(slo: Slo) -> pl.Expr:
    """Return the expression on REQUESTS that is true for bad requests, null for unknown or out of scope."""
    indicators = {
        "errors": is_error(),
        "latency": is_slow(slo.threshold_ms),
        "availability": is_error() | is_given_up(slo.threshold_ms),
    }
    verdict = indicators[slo.indicator]
    for column, value in slo.scope.items():
        verdict = pl.when(pl.col(column) == value).then(verdict)
    return verdict.alias("bad")


def bad_counts(rollup: Rollup, slo: Slo, by: Sequence[str] = ENDPOINT) -> pl.DataFrame:
    """Count valid and bad requests over time.

    The latency histogram answers for a threshold other than the rollup's own, to within 1.1 % and in the
    rollup's coarse time buckets.

    Returns
    -------
    pl.DataFrame
        [time, *by, requests, bad], sorted by time.

    Raises
    ------
    ParameterError
        If a name in `by` or in the SLO's scope is no key of the rollup's tables.
    """
    exact = slo.indicator != "latency" or slo.threshold_ms == rollup.meta.latency_ms
    table = rollup.counts if exact else rollup.latency
    unknown = [name for name in (*by, *slo.scope) if name not in table.columns]
    if unknown:
        raise ParameterError(
            f"A rollup has no {', '.join(unknown)}; count by {', '.join(ENDPOINT)}, or give the requests."
        )
    for column, value in slo.scope.items():
        table = table.filter(pl.col(column) == value)
    requests, failed = _terms(slo, exact)
    return (
        table.group_by("time", *by)
        .agg(requests.sum().cast(pl.Int64).alias("requests"), failed.sum().cast(pl.Int64).alias("bad"))
        .filter(pl.col("requests") > 0)
        .sort("time", *by)
    )


def totals(counts: pl.DataFrame) -> tuple[int, int]:
    """Return the number of requests and of bad requests in a table of counts."""
    requests, bad = counts.select(pl.col("requests", "bad").sum()).row(0)
    return int(requests), int(bad)


def _terms(slo: Slo, exact: bool) -> tuple[pl.Expr, pl.Expr]:
    """Return the expressions for an SLO's requests and bad requests in a row of the rollup's table."""
    if not exact:
        above = pl.col("bucket") > int(bucket_index(slo.threshold_ms))
        return pl.col("requests"), pl.when(above).then(pl.col("requests")).otherwise(0)
    # A 5xx answer does not count as given up. Otherwise a request that did both would count twice.
    given_up = pl.when(pl.col("status") >= SERVER_ERROR).then(0).otherwise(pl.col("given_up"))
    return {
        "errors": (pl.col("requests"), FAILED),
        "latency": (pl.col("timed"), pl.col("slow")),
        "availability": (pl.col("requests"), FAILED + given_up),
    }[slo.indicator]
