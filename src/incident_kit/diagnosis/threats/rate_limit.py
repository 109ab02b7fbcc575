"""Threat: a rate limit was hit, because a client asks too often or the limit is too low."""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import TOO_MANY_REQUESTS, Refusals, busiest, main_network, refused_there
from incident_kit.measure.arrays.intervals import wilson
from incident_kit.schema import ENDPOINT

MIN_REFUSALS = 50
"""Fewest refusals in all: holding a client back now and then is what the limit is for."""
MIN_REFUSED_SHARE = 0.1
"""And in some minute at least this share of an endpoint's requests, by the lower bound; fewer are not
felt."""
ONE_CLIENT = 0.8
"""A network with four fifths of the refusals is the one that asks too often."""
SERVES_ON = 0.8
"""A limiter lets through the usual number of requests. If fewer were served, the servers were missing."""


def find(seen: Refusals) -> Finding | None:
    """Return the finding that a rate limiter refused more than an occasional request."""
    limited = seen.refused.filter("limited")
    hits = _minutes(limited, seen.all_requests)
    refused, requests = int(hits["limited"].sum()), int(hits["requests"].sum())
    if refused < MIN_REFUSALS:
        return None
    name = busiest(hits, "limited")
    who, change = _who(limited.join(hits, on=["time", *ENDPOINT], how="semi"))
    return Finding(
        id="rate-limit",
        priority="security",
        claim=f"A rate limit was hit: {wording.count(refused, 'request')} refused, most at {name}.",
        evidence=f"{refused_there(refused, requests, hits)}{who}.",
        change=change,
        risk="A higher limit lets through what it was set against; raise it for known clients only.",
        verify="Refusals stop while the other requests stay as quick as they are.",
        monitor=f"Requests refused with 429 at {name}, by network.",
    )


def _minutes(limited: pl.DataFrame, all_requests: pl.DataFrame) -> pl.DataFrame:
    """Return the minutes in which a limit was felt: [time, method, route, limited, requests]."""
    counts = limited.group_by("time", *ENDPOINT).agg(
        limited=pl.col("requests").sum(), says_so=(pl.col("status") == TOO_MANY_REQUESTS).all()
    )
    hits = counts.join(all_requests, on=["time", *ENDPOINT])
    low, _ = wilson(hits["limited"].to_numpy(), hits["requests"].to_numpy())
    felt = hits.filter(pl.Series(low >= MIN_REFUSED_SHARE, dtype=pl.Boolean))
    others = all_requests.join(felt, on=["time", *ENDPOINT], how="anti")
    usual = others.group_by(ENDPOINT).agg(usual=pl.col("requests").median())
    served = (pl.col("requests") - pl.col("limited")).mean().over(ENDPOINT)
    return felt.join(usual, on=ENDPOINT, how="left").filter(
        pl.col("says_so") | (served >= SERVES_ON * pl.col("usual"))
    )


def _who(limited: pl.DataFrame) -> tuple[str, str]:
    """Return where the refused requests came from, and what to change."""
    main = main_network(limited)
    review = "See whether the limit fits the load that the service can bear, and answer with Retry-After."
    if main is None:
        return "", review
    network, share, networks = main
    who = f", {wording.percent(share, 0)} of them from {network}"
    if share < ONE_CLIENT:
        return f"{who}, of {wording.count(networks, 'network')}", review
    return who, f"Ask who sends them from {network}: give it a quota of its own, or shut it out."
