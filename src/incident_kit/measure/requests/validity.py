"""Decide which requests count, for every indicator.

Health checks, metrics scrapes, upgrades to WebSocket and long-lived streams are not counted in any indicator.
Their number is reported. For example, `GET /healthz` is excluded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Exclusion:
    """A rule for requests that no indicator counts: `column` matches the regular expression `pattern`."""

    reason: str
    column: str
    pattern: str
    only_answered: bool = False  # a stream that failed to open is a failed request


EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion(
        "health check",
        "path",
        r"(?i)(?:^|/)_?(?:health|healthz|health[_-]?checks?|livez|liveness|readyz|readiness|heartbeat|"
        r"health/(?:live|ready|liveness|readiness)|-/(?:healthy|ready)|elb-status|lbstatus|"
        r"grpc\.health\.v1\.Health/(?:Check|Watch))/?$|^/(?:ping|ready|live|up|alive)/?$",
    ),
    Exclusion(
        "health check",
        "user_agent",
        r"(?i)kube-probe|GoogleHC|ELB-HealthChecker|Route53-Health-Check|Envoy/HC|Consul Health Check|"
        r"UptimeRobot|Uptime-Kuma|Pingdom|StatusCake|check_http|Blackbox.Exporter|Better ?Uptime|Site24x7",
    ),
    Exclusion(
        "metrics scrape",
        "path",
        r"(?i)(?:^|/)(?:metrics|prometheus|stub_status|nginx_status|server-status)/?$",
    ),
    Exclusion(
        "metrics scrape", "user_agent", r"^(?:Prometheus|vm_?agent|VictoriaMetrics|OpenMetrics|Telegraf)/"
    ),
    Exclusion("WebSocket", "status", r"^101$"),
    Exclusion("stream", "method", r"^CONNECT$"),
    Exclusion(
        "stream",
        "query",
        r"(?:^|&)(?:watch=(?:true|1)|transport=(?:polling|websocket))(?:&|$)",
        only_answered=True,
    ),
    Exclusion(
        "stream",
        "path",
        r"(?i)(?:^|/)(?:socket\.io|sockjs|websocket|ws|sse|event-?stream|livereload)(?:/|$)",
        only_answered=True,
    ),
)

RuleKey = tuple[str, bool]
"""The column that a rule matches, and whether it holds for answered requests only."""

NO_RULE = 255
"""Index for "no rule". A minimum over plain numbers costs less than one over nulls."""


def exclusion_reason(exclusions: Sequence[Exclusion] = EXCLUSIONS) -> pl.Expr:
    """Return the expression on REQUESTS for the reason why a request is not valid; null if it is valid."""
    places = {key: first_match(exclusions, key) for key in rule_keys(exclusions)}
    return reason_of(exclusions, first_rule(places)).alias("reason")


def rule_keys(exclusions: Sequence[Exclusion]) -> list[RuleKey]:
    """Return the distinct keys of the rules."""
    return list(dict.fromkeys((rule.column, rule.only_answered) for rule in exclusions))


def first_match(exclusions: Sequence[Exclusion], key: RuleKey) -> pl.Expr:
    """Return the index among all rules of the first match with this key, `NO_RULE` if none matches.

    The expression reads one column only, so it can be evaluated once for each distinct value.
    """
    value = pl.col(key[0]) if key[0] != "status" else pl.col("status").cast(pl.String)
    places = (
        pl.when(value.str.contains(rule.pattern)).then(pl.lit(place, pl.UInt8))
        for place, rule in enumerate(exclusions)
        if (rule.column, rule.only_answered) == key
    )
    return pl.coalesce(*places, pl.lit(NO_RULE, pl.UInt8))


def first_rule(matches: Mapping[RuleKey, pl.Expr]) -> pl.Expr:
    """Return the index of the first rule that holds, given the first match of each key; or `NO_RULE`."""
    answered, none = pl.col("status") < 400, pl.lit(NO_RULE, pl.UInt8)
    holding = (
        pl.when(answered).then(place).otherwise(none) if key[1] else place for key, place in matches.items()
    )
    return pl.min_horizontal(none, *holding)


def reason_of(exclusions: Sequence[Exclusion], place: pl.Expr) -> pl.Expr:
    """Return the expression for the reason of the rule at index `place`."""
    reasons = {place: rule.reason for place, rule in enumerate(exclusions)}
    return place.replace_strict(reasons, default=None, return_dtype=pl.String)
