"""Find what sets the extra bad requests apart: any attribute, and pairs of attributes.

A value separates if its share of the extra bad requests exceeds its share of the traffic. Example: `upstream
10.0.0.7` has 33 % of the requests and 95 % of the extra bad ones, so its separation is 0.62. The separation
(Youden's index: hit rate minus false-alarm rate) ranks the values. A broad value is held back by the good
requests that it also has, a narrow one by the bad requests that it misses. False discoveries are controlled
over all values of all attributes and pairs together (Benjamini and Hochberg, 1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import polars as pl

from incident_kit.diagnosis.attributes.counts import attribute_counts, outage_ratio
from incident_kit.diagnosis.attributes.of_rollups import rollup_attribute_counts
from incident_kit.diagnosis.attributes.pairs import beyond_endpoints, pairs_of, separating_pairs
from incident_kit.diagnosis.attributes.values import by_value, no_values
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.arrays.intervals import Z, benjamini_hochberg
from incident_kit.measure.rollups.rollup import Rollup

TAUTOLOGIES: Mapping[str, tuple[str, ...]] = {"errors": ("status",), "availability": ("status",)}
"""Attributes that define a bad request, so that a pair with them explains nothing."""


def attribute_shares(
    data: pl.DataFrame | Rollup, incident: Incident, spans: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Attribute an incident's extra bad requests to the values of every attribute, and to pairs of them.

    Parameters
    ----------
    data
        REQUESTS; or a `Rollup`, which knows fewer attributes, and of pairs endpoint and upstream.
    spans
        The spans of the requests themselves, whose attributes are compared too: [trace_id, attributes].

    Returns
    -------
    pl.DataFrame
        [attribute, value, share, low, high, traffic, separation, bad, requests, rate, usual_rate, p_value,
        separates], best separation first; a pair's names and values are joined by ` & `. `traffic` is the
        value's share of the incident's requests, `separates` whether its share of the extra bad requests is
        above that, false discoveries controlled.
    """
    if isinstance(data, Rollup):
        ratio = outage_ratio(incident, incident.during(data.meta.last))
        tables = rollup_attribute_counts(data, incident)
        known = [by_value(name, *counts, ratio) for name, counts in tables.items()]
        rows = pl.concat([no_values(), *beyond_endpoints(known)])
        return _tested([separating_pairs(rows)])
    found = attribute_counts(data, incident, spans)
    singles = [by_value(name, *found.by(name), found.outage_ratio) for name in found.attributes]
    pairs = pairs_of(found, singles, TAUTOLOGIES.get(incident.slo.indicator, ()))
    return _tested(beyond_endpoints([*singles, *pairs]))


def _tested(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the rows, tested for a share above their share of the traffic, and sorted."""
    rows = pl.concat([no_values(), *tables])
    error = (rows["high"] - rows["low"]).to_numpy() / (2 * Z)
    z = rows["separation"].to_numpy() / np.maximum(error, 1e-9)
    p = np.array([NormalDist().cdf(-float(value)) for value in z])
    return rows.with_columns(
        pl.Series("p_value", p, dtype=pl.Float64),
        pl.Series("separates", benjamini_hochberg(p), dtype=pl.Boolean),
    ).sort(-pl.col("separation"), "attribute", "value")
