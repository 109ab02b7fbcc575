"""Pattern: far more requests than usual came with the incident, and perhaps most of them from somewhere.

Requests that clients repeat because they failed are more requests too, so a surge is no proof of a cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import exp, sqrt

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.attributes.columns import ENDPOINT_NAME
from incident_kit.diagnosis.attributes.group_words import PHRASES
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.distinct import per_distinct
from incident_kit.measure.arrays.intervals import Z
from incident_kit.measure.requests.traits import client_network, user_agent_family
from incident_kit.measure.rollups.buckets import floor_time
from incident_kit.measure.rollups.tables import OTHER
from incident_kit.window import Window

HOUR = timedelta(hours=1)

GREW = 1.5
"""At least this many times as many requests as in a busy stretch of the baseline, by the lower bound."""

BUSY = 0.9
"""A busy stretch of the baseline is this quantile of its buckets."""

MOST_OF_THE_EXTRA = 0.5
"""Whoever brings more than this share of the extra requests is named."""

MORE = 0.2
"""That share exceeds the usual one by this much, because behind a proxy all come from one network."""

BROUGHT: Mapping[str, str] = {
    "client_network": PHRASES["client_network"],
    "user_agent_family": PHRASES["user_agent_family"],
    "endpoint": "to {}",
}
"""How the extra requests of an attribute's value are told."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident came with a surge of requests."""
    if case.incident.kind == "outage" or not _grew(case):
        return None
    rate, before = (_count(case, window) / window.seconds for window in (_begun(case), case.before))
    sources = list(_sources(case))
    most = f", most of the extra ones {sources[0][1]}" if sources else ""
    shares = [f"{wording.percent(share, 0)} of the extra ones came {phrase}" for share, phrase in sources]
    evidence = f"{rate:,.3g} a second came, usually {before:,.3g}"
    return Finding(
        id="load-surge",
        priority="reliability",
        claim=f"{rate / before:.2g} times as many requests as usual came with it{most}.",
        evidence=f"{'; '.join([evidence, *shares])}.",
        change="Limit the rate of who brings most of it, and shed load before all requests are slow. If the "
        "requests are repeated because they failed, let clients wait longer between attempts.",
        risk="A limit that is too low turns users away.",
        verify="Replay this load against a test system, with and without the limit.",
        monitor="Requests a second by client network, beside the saturation of the service.",
    )


def _grew(case: Case) -> bool:
    """Return whether far more requests came than in a busy stretch of the baseline, by the lower bound."""
    begun = _begun(case)
    usual, came, known = _busy_rate(case), _count(case, begun), _count(case, case.before)
    if not usual or not came:
        return False
    error = Z * sqrt(1 / came + 1 / known)
    return came / begun.seconds / usual * exp(-error) >= GREW


def _begun(case: Case) -> Window:
    """Return the incident's first hour, because within several hours load changes by the time of day."""
    return Window(case.during.start, min(case.during.end, case.during.start + HOUR))


def _count(case: Case, window: Window) -> int:
    return int(case.rollup.counts.filter(window.covers("time"))["requests"].sum())


def _busy_rate(case: Case) -> float:
    """Return the requests a second in a busy bucket of the baseline; 0 if there is none."""
    bucket_s = case.rollup.meta.coarse_bucket_s
    within = case.rollup.counts.filter(case.before.covers("time"))
    by_bucket = within.group_by(floor_time("time", bucket_s)).agg(pl.col("requests").sum())
    busy = by_bucket["requests"].quantile(BUSY, interpolation="nearest")
    # The buckets at the edges of a short baseline are cut, and hold fewer requests than came.
    return max((busy or 0.0) / bucket_s, _count(case, case.before) / case.before.seconds)


def _sources(case: Case) -> Iterator[tuple[float, str]]:
    """Yield the share of the extra requests, and the phrase, of each value that brings most of them."""
    requests, during = pl.col("requests"), pl.col("is_during")
    for name, table in _by_attribute(case).items():
        rates = table.group_by("value").agg(
            before=requests.filter(~during).sum() / case.before.seconds,
            came=requests.filter(during).sum() / _begun(case).seconds,
        )
        extra = pl.col("came") - pl.col("before")
        grown = rates.with_columns(share=extra / extra.sum(), usual=pl.col("before") / pl.col("before").sum())
        named = grown.filter(
            pl.col("value") != OTHER,
            pl.col("share") > MOST_OF_THE_EXTRA,
            pl.col("share") >= pl.col("usual") + MORE,
        )
        for value, share in named.select("value", "share").rows():
            yield min(share, 1.0), BROUGHT[name].format(wording.shorten(value))


def _by_attribute(case: Case) -> dict[str, pl.DataFrame]:
    """Return [value, requests, is_during] by attribute, in both windows."""
    endpoints = case.rollup.counts.with_columns(value=ENDPOINT_NAME)
    if case.requests is None:
        tables = {
            name: case.rollup.attributes.filter(attribute=name) for name in BROUGHT if name != "endpoint"
        }
    else:
        requests = case.requests.select("client_ip", "user_agent", time="start_time", requests=1)
        within = requests.filter(case.before.covers("time") | _begun(case).covers("time"))
        agents = per_distinct(within["user_agent"], value=user_agent_family())
        tables = {
            "client_network": within.with_columns(value=client_network()),
            "user_agent_family": within.with_columns(agents),
        }
    during, before = _begun(case).covers("time"), case.before.covers("time")
    return {
        name: table.filter(during | before).select("value", "requests", is_during=during)
        for name, table in {**tables, "endpoint": endpoints}.items()
    }
