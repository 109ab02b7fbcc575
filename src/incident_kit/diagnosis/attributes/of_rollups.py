"""Count requests and bad ones by the attributes that a rollup keeps, in an incident and in its baseline."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from incident_kit.diagnosis.attributes.columns import ENDPOINT_NAME, PAIR_SEPARATOR, PREFIX, file_name
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.indicators.bad_requests import FAILED, bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.window import Window

PAIR = PAIR_SEPARATOR.join(["endpoint", "upstream"])
"""The one pair of attributes that a rollup counts."""


def rollup_attribute_counts(
    rollup: Rollup, incident: Incident
) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """Return [time, value, requests, bad] of both windows by attribute, for attributes with several values.

    If the incident's threshold for slow is not the rollup's own, only the histograms can tell, and those are
    by endpoint.
    """
    late = incident.slo.indicator == "latency"
    own_threshold = not late or incident.threshold_ms == rollup.meta.latency_ms
    tables = _kept(rollup, late) if own_threshold else _of_histograms(rollup, incident)
    before, during = incident.baseline, incident.during(rollup.meta.last)
    return {
        name: (_within(table, before), _within(table, during))
        for name, table in tables.items()
        if table["value"].n_unique() > 1
    }


def _kept(rollup: Rollup, late: bool) -> Mapping[str, pl.DataFrame]:
    """Return [time, value, requests, bad] by every attribute of a rollup."""
    counts = rollup.counts.with_columns(endpoint=ENDPOINT_NAME, errors=FAILED)
    tables = {name: counts.with_columns(value=name) for name in ("endpoint", "method")}
    tables["path_prefix"] = counts.with_columns(value=PREFIX)
    tables["status"] = counts.with_columns(value=pl.col("status").cast(pl.String))
    reached = rollup.upstreams.with_columns(errors=FAILED)
    tables["upstream"] = reached.with_columns(value="upstream")
    pair = pl.concat_str(ENDPOINT_NAME, "upstream", separator=PAIR_SEPARATOR)
    tables[PAIR] = reached.with_columns(value=pair)
    for (name,), table in rollup.attributes.group_by("attribute"):
        tables[str(name)] = table
    if (files := tables.pop("source", None)) is not None:
        tables["file"] = files.with_columns(file_name(files["value"]))
    all_of, bad = ("timed", "slow") if late else ("requests", "errors")
    return {name: table.select("time", "value", requests=all_of, bad=bad) for name, table in tables.items()}


def _of_histograms(rollup: Rollup, incident: Incident) -> Mapping[str, pl.DataFrame]:
    counts = bad_counts(rollup, incident.slo).with_columns(endpoint=ENDPOINT_NAME)
    return {
        name: counts.select("time", "requests", "bad", value=pl.col(name)) for name in ("endpoint", "method")
    }


def _within(table: pl.DataFrame, window: Window) -> pl.DataFrame:
    inside = table.filter(window.covers("time"))
    return inside.group_by("time", "value").agg(pl.col("requests", "bad").sum())
