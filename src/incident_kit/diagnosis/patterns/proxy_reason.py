"""Pattern: the proxy itself gives the reason why requests went bad.

Example: 7,141 requests failed in an incident. HAProxy ended 3,560 of them with sQ (no free slot in time) and
3,581 with SC (connection refused, or no server up), and none before. So the servers were gone, although the
time in the queue looks like an overload.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.measure.requests.failure_reasons import REASONS, Cause, failure_reason

MIN_WITH_REASON = 20
"""Fewer requests with a reason than this may have any cause."""
MOST_OF_THE_EXCESS = 0.5
"""The reasons have to explain at least half of the extra bad requests."""
WORTH_NAMING = 0.1
"""A reason with a smaller share of the extra bad requests is not named."""
HARDLY_ANY = 0.05
"""If at most this share of the requests reached a server, the evidence says that they reached none."""


class Advice(NamedTuple):
    """The advice for one cause."""

    change: str
    risk: str
    verify: str
    monitor: str


ADVICE: Mapping[Cause, Advice] = MappingProxyType(
    {
        "unavailable": Advice(
            "See why the proxy's servers were down or marked down (crash, deploy, health check, network), "
            "and keep enough of them apart that no single failure takes all.",
            "A looser health check keeps servers in rotation that cannot serve.",
            "Stop one server in a test: no request may fail.",
            "Healthy servers by backend, and connection failures by server.",
        ),
        "cut off": Advice(
            "Look for crashes and restarts of the servers, and give them a longer keep-alive time-out than "
            "the proxy's.",
            "A longer keep-alive holds more idle connections.",
            "Deploy under load in a test: no request may fail.",
            "Resets by server, restarts, and memory at the time of them.",
        ),
        "too late": Advice(
            "Find what the servers waited for; let them give up before the proxy does, and answer without "
            "it.",
            "A longer time-out at the proxy only lets more requests wait.",
            "Slow the dependency down in a test: answers must come before the proxy's time-out.",
            "Time-outs at the proxy, and the servers' p99 against it.",
        ),
        "overloaded": Advice(
            "Shed load early, and add servers or slots; if the limit is reached at usual load, the servers "
            "got slower: find out why.",
            "A higher limit can move the overload to the servers.",
            "Load it in a test: beyond capacity it must refuse quickly, not queue.",
            "Queue length, slots in use and refused requests by backend.",
        ),
        "refused": Advice(
            "See which rule refused these requests, and whether it or the requests changed.",
            "A looser rule lets attacks and floods through.",
            "Replay a refused request against the rule.",
            "Requests refused by each rule.",
        ),
        "misrouted": Advice(
            "Compare the proxy's routes and names with the last working configuration, and roll it back.",
            "A roll-back also takes back other changes.",
            "Request the affected routes after the change.",
            "Requests without a route, by host and path, and failed name look-ups.",
        ),
    }
)


def find(case: Case) -> Finding | None:
    """Return the finding that a proxy gave the same few reasons for most of the extra bad requests."""
    if case.requests is None:
        return None
    answering = case.requests.filter(pl.col("status") < 500)["upstream_addr"].drop_nulls().unique()
    during, before = (case.requests.filter(window.covers()) for window in (case.during, case.before))
    wrong, usual = (
        requests.filter(is_bad(case.incident.slo)).with_columns(failure_reason(answering.to_list()))
        for requests in (during, before)
    )
    reasons = _reasons(wrong, usual, len(during) / max(len(before), 1))
    if (
        reasons.is_empty()
        or reasons["bad"].sum() < MIN_WITH_REASON
        or reasons["share"].sum() < MOST_OF_THE_EXCESS
    ):
        return None
    return _finding(case, reasons, wrong)


def _reasons(during: pl.DataFrame, before: pl.DataFrame, scale: float) -> pl.DataFrame:
    """Return the reasons worth naming, of the proxy that gave the most: reason, bad, usual, share.

    `scale` is how many requests the incident has per one of the baseline.
    """
    counts = during.drop_nulls("reason").group_by("reason").agg(bad=pl.len())
    usual = before.drop_nulls("reason").group_by("reason").agg(usual=pl.len())
    extra = max(len(during) - scale * len(before), 1.0)
    known = counts.filter(pl.col("reason").is_in(list(REASONS))).join(usual, on="reason", how="left")
    shares = known.with_columns(pl.col("usual").fill_null(0)).with_columns(
        share=(pl.col("bad") - scale * pl.col("usual")) / extra,
        proxy=pl.col("reason").str.extract(r"^(\w+)"),
    )
    worth = shares.filter(pl.col("share") >= WORTH_NAMING).sort("share", "reason", descending=[True, False])
    return worth.filter(pl.col("proxy") == pl.col("proxy").first())


def _finding(case: Case, reasons: pl.DataFrame, during: pl.DataFrame) -> Finding:
    rows = reasons.to_dicts()
    proxy, first = rows[0]["proxy"], REASONS[rows[0]["reason"]]
    what = "were slow" if case.incident.indicator == "latency" else "failed"
    in_words = wording.listed([f"{REASONS[row['reason']].words} ({_code(row)})" for row in rows])
    ended = wording.listed([f"{row['bad']:,} with {_code(row)} ({_before(row)})" for row in rows])
    return Finding(
        id="proxy-reason",
        priority="reliability",
        claim=f"{proxy} says why requests {what}: {in_words}.",
        evidence=f"Of {wording.count(len(during), 'bad request')} it ended {ended}{_reached(during, rows)}.",
        **ADVICE[first.cause]._asdict(),
    )


def _code(row: Mapping[str, Any]) -> str:
    return str(row["reason"]).partition(" ")[2]


def _before(row: Mapping[str, Any]) -> str:
    return f"{row['usual']:,} before" if row["usual"] else "none before"


def _reached(during: pl.DataFrame, rows: list[dict[str, Any]]) -> str:
    """Return the words that the requests reached no server, if hardly any of them names one."""
    ended = during.filter(pl.col("reason").is_in([row["reason"] for row in rows]))
    asked = ended["upstream_addr"].is_not_null().sum()
    return "; they reached no server" if asked <= HARDLY_ANY * len(ended) else ""
