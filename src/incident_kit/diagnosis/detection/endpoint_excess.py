"""The bad requests of each endpoint beyond those that its usual share leads to expect."""

from __future__ import annotations

import polars as pl

from incident_kit.schema import ENDPOINT


def endpoint_excess(counts: pl.DataFrame, during: pl.Expr, usual: pl.Expr) -> pl.DataFrame:
    """Return [method, route, requests, excess] of the rows `during` an incident.

    `counts` are [time, method, route, requests, bad]. An endpoint that the `usual` rows lack is usually never
    bad.
    """
    now, before = (
        counts.filter(when).group_by(ENDPOINT).agg(pl.col("requests", "bad").sum())
        for when in (during, usual)
    )
    expected = pl.col("requests") * (pl.col("bad_usual") / pl.col("requests_usual")).fill_null(0)
    return now.join(before, on=ENDPOINT, how="left", suffix="_usual", nulls_equal=True).select(
        *ENDPOINT, "requests", excess=pl.col("bad") - expected
    )
