"""The values of one attribute, each with its share of the extra bad requests and of the traffic."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.attributes.counts import OTHER
from incident_kit.measure.indicators.missing_requests import missing_by_value
from incident_kit.measure.indicators.shares import shares
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


def no_values() -> pl.DataFrame:
    """Return a table without rows, with the columns that are known before the test."""
    return pl.DataFrame(schema={name: ATTRIBUTES[name] for name in COLUMNS[:-2]})


def by_value(
    attribute: str, before: pl.DataFrame, during: pl.DataFrame, outage_ratio: float | None = None
) -> pl.DataFrame:
    """Return one row per value of an attribute, without the test.

    `outage_ratio` is the duration of an outage divided by that of its baseline; the bad requests of an outage
    are missing.
    """
    if outage_ratio is None:
        table = shares(before, during, by=("value",))
    else:
        table = missing_by_value(before, during, outage_ratio)
    total = max(int(table["requests"].sum()), 1)
    return (
        table.filter(~pl.col("value").is_in([UNEXPLAINED, OTHER]), pl.col("requests") > 0)
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
