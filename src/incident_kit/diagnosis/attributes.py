"""What sets the extra bad requests apart: any attribute, and pairs where one alone does not.

A value separates when its share of the extra bad requests is above its share of the traffic. The difference
of the two (Youden's index: hit rate less false-alarm rate) ranks values: a broad one is held back by the good
requests that it also has, a narrow one by the bad requests that it misses. False discoveries are controlled
over all values of all attributes and pairs together (Benjamini and Hochberg, 1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from incident_kit.diagnosis.attribute_counts import (
    OTHER,
    AttributeCounts,
    attribute_counts,
)
from incident_kit.diagnosis.incident import Incident
from incident_kit.diagnosis.rollup_attributes import rollup_attribute_counts
from incident_kit.measure.intervals import benjamini_hochberg, z_value
from incident_kit.measure.rollup import Rollup
from incident_kit.measure.shares import UNEXPLAINED, shares
from incident_kit.schema import REQUESTS, conform

PAIR_SEPARATOR = " & "
CANDIDATES = 3
"""Values of an attribute that are tried in pairs: its best ones."""

CANDIDATE_SEPARATION = 0.05
"""What a value must separate by itself to be tried in a pair: half of a good pair is visible alone."""

PAIR_GAIN = 0.02
"""What a pair must separate better by than either of its halves: a pair is harder to understand than one."""

TAUTOLOGIES: Mapping[str, tuple[str, ...]] = {"errors": ("status",), "availability": ("status",)}
"""What a bad request is by definition explains nothing together with something else."""

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


def attribute_shares(data: Any, incident: Incident) -> pl.DataFrame:
    """Attribute an incident's extra bad requests to the values of every attribute, and to pairs of them.

    Parameters
    ----------
    data
        A frame of REQUESTS; or a `Rollup`, which knows fewer attributes and no pairs.

    Returns
    -------
    pl.DataFrame
        [attribute, value, share, low, high, traffic, separation, bad, requests, rate, usual_rate, p_value,
        separates], best separation first; a pair's names and values are joined by ` & `. `traffic` is the
        value's share of the incident's requests, `separates` whether its share of the extra bad requests is
        above that, false discoveries controlled.
    """
    if isinstance(data, Rollup):
        tables = rollup_attribute_counts(data, incident)
        return _tested([_by_value(name, *counts) for name, counts in tables.items()])
    found = attribute_counts(conform(data, REQUESTS, required=("start_time",)), incident)
    singles = [_by_value(name, *found.by(name)) for name in found.attributes]
    return _tested([*singles, *_pairs(found, singles, TAUTOLOGIES.get(incident.slo.indicator, ()))])


def _by_value(attribute: str, before: pl.DataFrame, during: pl.DataFrame) -> pl.DataFrame:
    """Return one row a value of an attribute, without the test."""
    table = shares(before, during, by=("value",))
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


def _pairs(
    found: AttributeCounts, singles: list[pl.DataFrame], tautologies: tuple[str, ...]
) -> list[pl.DataFrame]:
    """Return the pairs of values that separate better than either does alone."""
    candidates = [
        row
        for table in singles
        for row in table.filter(
            pl.col("separation") >= CANDIDATE_SEPARATION, ~pl.col("attribute").is_in(tautologies)
        )
        .top_k(CANDIDATES, by="separation")
        .iter_rows(named=True)
    ]
    pairs = []
    for one, other in combinations(candidates, 2):
        if one["attribute"] == other["attribute"]:
            continue
        matches = (pl.col(one["attribute"]) == one["value"]) & (pl.col(other["attribute"]) == other["value"])
        pair = _by_value("", *found.by_match(matches)).filter(pl.col("value") == "yes")
        better = pl.col("separation") >= max(one["separation"], other["separation"]) + PAIR_GAIN
        pairs.append(
            pair.filter(better).with_columns(
                attribute=pl.lit(PAIR_SEPARATOR.join([one["attribute"], other["attribute"]])),
                value=pl.lit(PAIR_SEPARATOR.join([one["value"], other["value"]])),
            )
        )
    return pairs


def _tested(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Test every row's share against its share of the traffic, and sort."""
    none = pl.DataFrame(schema={name: ATTRIBUTES[name] for name in COLUMNS[:-2]})
    rows = pl.concat([none, *tables])
    error = (rows["high"] - rows["low"]).to_numpy() / (2 * z_value())
    z = rows["separation"].to_numpy() / np.maximum(error, 1e-9)
    p = np.array([NormalDist().cdf(-float(value)) for value in z])
    return rows.with_columns(
        pl.Series("p_value", p, dtype=pl.Float64),
        pl.Series("separates", benjamini_hochberg(p), dtype=pl.Boolean),
    ).sort(-pl.col("separation"), "attribute", "value")
