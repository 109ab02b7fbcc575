"""Further tests before a log's upstream, or its proxy, is stated as the cause.

If six upstreams all fail, each has few requests, and some have a few more failures by chance. A proxy that
sends requests to a new upstream makes more calls because it was told to. So an upstream is compared with the
others at the same endpoints, and a proxy with its own earlier time and failures.
"""

from __future__ import annotations

from statistics import NormalDist

import polars as pl

from incident_kit.diagnosis.culprits.proxy_spans import CLIENT
from incident_kit.measure.arrays.stratified_ranks import rank_excess

ALIKE = "it is not surely worse than the others"
"""What is said against an upstream that chance may have put before its rivals."""

INCIDENTS_PER_FALSE_ALARM = 1_000
"""Chance makes one upstream look that much worse in one incident of a thousand."""


def is_worse_than_others(name: str, attempts: pl.DataFrame) -> bool:
    """Return whether an upstream's attempts failed more, or slowed down more, than those of the others.

    `attempts` are SPANS with `in_incident`: whether they began in the incident, or else in its baseline. An
    attempt's duration is measured relative to what its upstream usually takes or, if unknown, the endpoint.
    """
    before, during = (attempts.filter(in_incident=when) for when in (False, True))
    own, usual = (
        before.group_by(*keys).agg(pl.col("duration_ms").median().alias(alias))
        for keys, alias in ((("name", "service"), "own_ms"), (("name",), "usual_ms"))
    )
    compared = (
        during.join(own, on=["name", "service"], how="left")
        .join(usual, on="name", how="left")
        .with_columns(
            times=pl.col("duration_ms") / pl.max_horizontal(pl.coalesce("own_ms", "usual_ms", 1.0), 1.0),
            failed=(pl.col("status") == "error").cast(pl.Float64),
            mine=pl.col("service") == name,
        )
    )
    # The worst of several was picked, so each of them is one comparison (Bonferroni).
    surely = _surely(during["service"].n_unique())
    return any(rank_excess(compared, value, "mine", ["name"]) >= surely for value in ("times", "failed"))


def is_worse_itself(requests: pl.DataFrame, attempts: pl.DataFrame) -> bool:
    """Return whether more time than before, or more failures, lie outside every attempt upstream.

    Both frames are SPANS with `in_incident`. Requests that failed without an attempt tell nothing: a proxy
    that refuses by itself and one that has no upstream left write the same line.
    """
    own = _outside(requests, attempts).filter(~(pl.col("failed") & ~pl.col("asked")))
    compared = own.with_columns(
        outside=pl.col("duration_ms") - pl.col("inside").fill_null(0.0),
        failed=(pl.col("failed") & ~pl.col("upstream_failed").fill_null(value=False)).cast(pl.Float64),
    )
    return any(
        rank_excess(compared, value, "in_incident", ["name"]) >= _surely(1) for value in ("outside", "failed")
    )


def mostly_untried(requests: pl.DataFrame, attempts: pl.DataFrame) -> bool:
    """Return whether most of the requests that failed in the incident were never tried upstream."""
    failed = _outside(requests, attempts).filter("failed", "in_incident")
    return bool(failed["asked"].sum() < failed.height / 2)


def _outside(requests: pl.DataFrame, attempts: pl.DataFrame) -> pl.DataFrame:
    """Return the requests with `failed`, whether they `asked` an upstream, and the outcome of that."""
    tried = attempts.group_by("trace_id").agg(
        inside=pl.col("duration_ms").sum(),
        upstream_failed=(pl.col("status") == "error").any(),
        asked=(pl.col("service") != CLIENT).any(),
    )
    return requests.join(tried, on="trace_id", how="left").with_columns(
        pl.col("asked").fill_null(value=False), failed=pl.col("status") == "error"
    )


def _surely(comparisons: int) -> float:
    """Return the standard deviations that chance exceeds once in so many incidents, for these comparisons."""
    return NormalDist().inv_cdf(1 - 1 / (INCIDENTS_PER_FALSE_ALARM * max(comparisons, 1)))
