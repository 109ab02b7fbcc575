"""Say at which endpoint a target is missed if the data hold no incident, as a log from within one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from incident_kit.diagnosis.detection.coarse_clock import can_judge
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.measure.indicators.bad_requests import bad_counts, totals
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.slo import Slo, Targets
from incident_kit.wording import count, endpoint, milliseconds, percent, rate

KINDS = {"errors": ("failed", "failed"), "latency": ("slow", "took longer than {}")}
"""How bad requests of an indicator are called, and what they did."""

MOST = 0.5
"""An endpoint that has less than this share of the bad requests is not where the target is missed."""


def find_missed_targets(rollup: Rollup, targets: Targets, incidents: Sequence[Incident]) -> list[Finding]:
    """Return a finding for each of errors and latency that is breached mostly at one endpoint.

    Beside an incident there are none: then the incident's own endpoints are what matters.
    """
    return [] if incidents else list(_missed(rollup, (targets.errors, targets.latency)))


def _missed(rollup: Rollup, slos: Sequence[Slo]) -> Iterator[Finding]:
    for slo in slos:
        counts = bad_counts(rollup, slo)
        requests, bad = totals(counts)
        least, _ = share_interval(bad, requests)
        if not bad or least <= slo.budget or not can_judge(rollup, slo):
            continue
        ranked = counts.group_by(*ENDPOINT).agg(pl.col("requests", "bad").sum())
        first = ranked.sort("bad", *ENDPOINT, descending=[True, False, False]).row(0, named=True)
        if first["bad"] >= MOST * bad and first["route"] is not None:
            yield _finding(slo, first, bad)


def _finding(slo: Slo, first: Mapping[str, Any], all_bad: int) -> Finding:
    name, bad, requests = endpoint(first["method"], first["route"]), first["bad"], first["requests"]
    kind, became = KINDS[slo.indicator]
    became = became.format(milliseconds(slo.threshold_ms))
    return Finding(
        id=f"missed-{slo.indicator}",
        priority="reliability",
        claim=f"{name} has {percent(bad / all_bad, 0)} of all {kind} requests: {rate(bad / requests)} of its "
        f"own {became}.",
        evidence=f"{bad:,} of its {count(requests, 'request')} {became}; of all others {all_bad - bad:,}.",
        change=f"Look at {name} first. To learn since when and why, give a log that begins before, or a time "
        "when all was well (`--baseline`).",
        risk="What was always so is no incident: then the target, or the endpoint, is what to change.",
        verify=f"The share of {kind} requests of {name} is within the target.",
        monitor=f"The share of {kind} requests, by endpoint.",
    )
