"""Try pairs of values, where one attribute alone does not separate good from bad requests.

Example: `POST /checkout` and upstream 10.0.0.7 each have 50 % of the traffic and 75 % of the bad requests, a
separation of 0.25. Requests that are both have 25 % and 75 %, so the pair separates by 0.5.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import polars as pl

from incident_kit.diagnosis.attributes.columns import PAIR_SEPARATOR
from incident_kit.diagnosis.attributes.counts import AttributeCounts, kept_in
from incident_kit.diagnosis.attributes.of_rollups import PAIR
from incident_kit.diagnosis.attributes.values import by_value

CANDIDATES = 3
"""Number of values of an attribute that are tried in pairs: its best ones."""

CANDIDATE_SEPARATION = 0.05
"""A value must separate this well alone to be tried in a pair; half of a good pair is visible alone."""

TARGET = r"^(path_prefix|path|\?.*)$"
"""The attributes that are taken from a request's target: the beginning of its path, and its parameters."""

PAIR_GAIN = 0.02
"""A pair must separate better than each half by this much, because a pair is harder to understand."""


def beyond_endpoints(tables: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return the values, and pairs, without those of a target that separate no better than an endpoint.

    A target's beginning and its parameters often belong to one endpoint, which is easier to understand.
    """
    endpoints = [rows for rows in tables if "endpoint" in rows["attribute"]]
    best = max((float(rows["separation"].max()) for rows in endpoints), default=0.0)  # type: ignore[arg-type]
    of_target = (
        pl.col("attribute").str.split(PAIR_SEPARATOR).list.eval(pl.element().str.contains(TARGET)).list.any()
    )
    return [rows.filter(~of_target | (pl.col("separation") >= best + PAIR_GAIN)) for rows in tables]


def pairs_of(
    found: AttributeCounts, singles: list[pl.DataFrame], tautologies: tuple[str, ...]
) -> list[pl.DataFrame]:
    """Return the pairs of values that separate better than either does alone."""
    candidates = [
        row
        for table in singles
        for row in table.filter(
            pl.col("separation") >= CANDIDATE_SEPARATION,
            ~pl.col("attribute").is_in(tautologies),
            ~pl.col("value").str.contains(PAIR_SEPARATOR, literal=True),  # a pair would not show its halves
        )
        .top_k(CANDIDATES, by="separation")
        .iter_rows(named=True)
    ]
    return [
        _pair(found, one, other)
        for one, other in combinations(candidates, 2)
        if one["attribute"] != other["attribute"]
    ]


def _pair(found: AttributeCounts, one: dict[str, Any], other: dict[str, Any]) -> pl.DataFrame:
    """Return the row of a pair; none if it separates no better than its halves."""
    halves = (pl.col(kept_in(half["attribute"])) == half["value"] for half in (one, other))
    pair = by_value("", *found.by_match(pl.all_horizontal(halves)), found.outage_ratio)
    better = pl.col("separation") >= max(one["separation"], other["separation"]) + PAIR_GAIN
    return pair.filter(pl.col("value") == "yes", better).with_columns(
        attribute=pl.lit(PAIR_SEPARATOR.join([one["attribute"], other["attribute"]])),
        value=pl.lit(PAIR_SEPARATOR.join([one["value"], other["value"]])),
    )


def separating_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a rollup's values without the pairs that separate no better than either of their halves."""
    halves = rows.filter(pl.col("attribute").is_in(PAIR.split(PAIR_SEPARATOR)))
    alone = halves.select(half="value", alone="separation")
    split = rows.filter(attribute=PAIR).select("value", half=pl.col("value").str.split(PAIR_SEPARATOR))
    limits = (
        split.explode("half")
        .join(alone, on="half")
        .group_by("value")
        .agg(least=pl.col("alone").min(), best=pl.col("alone").max())
    )
    tells = (pl.col("least") >= CANDIDATE_SEPARATION) & (pl.col("separation") >= pl.col("best") + PAIR_GAIN)
    kept = (pl.col("attribute") != PAIR) | tells.fill_null(False)
    return rows.join(limits, on="value", how="left").filter(kept).drop("least", "best")
