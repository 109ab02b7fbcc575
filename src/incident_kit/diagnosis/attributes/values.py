"""The values of one attribute, each with its share of the extra bad requests and of the traffic."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.attributes.columns import COLUMNS as COLUMNS_OF_REQUESTS
from incident_kit.measure.indicators.missing_requests import missing_by_value
from incident_kit.measure.indicators.shares import shares
from incident_kit.measure.rollups.tables import OTHER
from incident_kit.wording import UNEXPLAINED

COLUMNS = (
    "attribute", "value", "share", "low", "high", "traffic", "separation", "bad", "requests", "rate",
    "usual_rate", "p_value", "separates",
)  # fmt: skip

ATTRIBUTES = {
    **dict.fromkeys(COLUMNS, pl.Float64),
    **dict.fromkeys(("attribute", "value"), pl.String),
    **dict.fromkeys(("bad", "requests"), pl.Int64),
    "separates": pl.Boolean,
}
"""The columns of a table of attributes."""

RESTATES = 0.9
"""A value that nine in ten of the usual bad requests have, and nine in ten of whose requests are bad, is
another word for a bad request."""

MIN_USUAL_BAD = 3
"""Fewer bad requests in the baseline show no such rule."""


def no_values() -> pl.DataFrame:
    """Return a table without rows, with the columns that are known before the test."""
    return pl.DataFrame(schema={name: ATTRIBUTES[name] for name in COLUMNS[:-2]})


def by_value(
    attribute: str, before: pl.DataFrame, during: pl.DataFrame, outage_ratio: float | None
) -> pl.DataFrame:
    """Return one row per value of an attribute, without the test.

    Fields that only restate that a request was bad are left out: a log's `level` is 50 for failed requests at
    all times. `outage_ratio` is the duration of an outage divided by that of its baseline; the bad requests
    of an outage are missing.
    """
    if outage_ratio is None:
        table = shares(before, during, by=("value",))
    else:
        table = missing_by_value(before, during, outage_ratio)
    total = max(int(table["requests"].sum()), 1)
    is_field = outage_ratio is None and attribute and attribute not in COLUMNS_OF_REQUESTS
    restates = _restates() if is_field else pl.lit(False)
    return (
        table.filter(~pl.col("value").is_in([UNEXPLAINED, OTHER]), pl.col("requests") > 0, ~restates)
        .with_columns(
            attribute=pl.lit(attribute),
            traffic=pl.col("requests") / total,
            separation=pl.col("share") - pl.col("requests") / total,
            rate=pl.col("bad") / pl.col("requests"),
            usual_rate=pl.when(pl.col("baseline_requests") > 0).then(
                pl.col("baseline_bad") / pl.col("baseline_requests")
            ),
        )
        .select(COLUMNS[:-2])
    )


def _restates() -> pl.Expr:
    """Return whether bad requests, and hardly any others, had one of the values in the baseline already."""
    bad, all_bad = pl.col("baseline_bad"), pl.col("baseline_bad").sum()
    of_bad, of_value = bad >= RESTATES * all_bad, bad >= RESTATES * pl.col("baseline_requests")
    return ((all_bad >= MIN_USUAL_BAD) & of_bad & of_value).any()
