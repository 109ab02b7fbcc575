"""Qualify rankings from traces that were kept because they were bad, since rates in them are too high.

A tail sampler keeps every failed or slow trace and a few of the others. The cause can be told from those
traces. But when one in four calls fails, nearly all calls that are left have failed.
"""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.window import Window

MORE_OFTEN = 1.5
"""Traces that are surely bad 1.5 times as often as the requests were sampled for being bad."""


def qualify_for_sampling(
    ranking: pl.DataFrame, requests: pl.DataFrame, kept: pl.Series, incident: Incident, during: Window
) -> pl.DataFrame:
    """Return the ranking; its stated cause says so if traces went bad more often than requests did.

    `kept`: the ids of all traces.
    """
    within = requests.lazy().filter(during.covers())
    judged = within.select("trace_id", is_bad(incident.slo)).drop_nulls("bad").collect()
    traced = judged.filter(pl.col("trace_id").is_in(kept.implode()))
    _, of_all = share_interval(int(judged["bad"].sum()), judged.height)
    of_kept, _ = share_interval(int(traced["bad"].sum()), traced.height)
    if of_kept <= MORE_OFTEN * of_all:
        return ranking
    times = float(traced["bad"].mean()) / float(judged["bad"].mean())  # type: ignore[arg-type]
    said = f"; of the traces kept, which went bad {times:.1f} times as often as the requests"
    return ranking.with_columns(
        evidence=pl.when("stated").then(pl.concat_str("evidence", pl.lit(said))).otherwise("evidence")
    )
