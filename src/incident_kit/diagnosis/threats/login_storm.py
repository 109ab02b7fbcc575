"""Threat: many refused logins within minutes, because one client or many are guessing passwords.

Example: `POST /login` answers 900 requests with 401 between 02:10 and 02:14, where 3 a minute are usual.
"""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import Refusals, busiest, main_network, refused_there
from incident_kit.schema import ENDPOINT

DENIED = (401, 403)
MIN_REFUSALS = 50
"""Fewest refusals in all: a client with an old password makes some, again and again."""
IN_A_MINUTE = 20
"""A minute of a storm has at least this many on one endpoint; people who mistype do not coincide that
much."""
TIMES_USUAL = 5.0
"""And this many times the median minute, because some endpoints refuse all day."""
STANDS_OUT = 0.2
"""A network is named if it has at least a fifth of the refusals; of fifty equal ones none is."""
MOSTLY = 0.5
"""And at least half of the endpoint's requests in that minute were refused."""
GREW = 1.5
"""And 1.5 times as many requests as usual arrived; if no more arrived, the login itself is broken."""


def find(seen: Refusals) -> Finding | None:
    """Return the finding that logins were refused in a burst."""
    storm = _storm(seen)
    denied = int(storm["denied"].sum())
    if denied < MIN_REFUSALS:
        return None
    name, requests = busiest(storm, "denied"), int(storm["requests"].sum())
    return Finding(
        id="login-storm",
        priority="security",
        claim=f"A storm of logins at {name}: {wording.count(denied, 'answer')} of 401 or 403.",
        evidence=f"{refused_there(denied, requests, storm)}{_clients(seen, storm)}.",
        change="Limit attempts by account and by network, ask for a second factor, and lock or watch the "
        "accounts that were tried.",
        risk="A lock-out can be used against the owners of accounts; slow attempts down before you lock.",
        verify=f"Look for answers of 2xx at {name} from the same networks: those passwords were right.",
        monitor=f"Refusals a minute at {name}, and how many networks they come from.",
    )


def _storm(seen: Refusals) -> pl.DataFrame:
    """Return the minutes of storms: [time, method, route, denied, requests]."""
    denied = (
        seen.refused.filter(pl.col("status").is_in(DENIED))
        .group_by("time", *ENDPOINT)
        .agg(denied=pl.col("requests").sum())
    )
    # The median over all minutes of the log is zero if fewer than half of them have a refusal.
    often = pl.len() > seen.minutes / 2

    def usual(column: str) -> pl.Expr:
        return pl.when(often).then(pl.col(column).median()).otherwise(0).over(ENDPOINT)

    all_requests = seen.all_requests.with_columns(usual_requests=usual("requests"))
    return denied.join(all_requests, on=["time", *ENDPOINT], nulls_equal=True).filter(
        pl.col("denied") >= IN_A_MINUTE,
        pl.col("denied") >= TIMES_USUAL * usual("denied"),
        pl.col("denied") >= MOSTLY * pl.col("requests"),
        pl.col("requests") >= GREW * pl.col("usual_requests"),
    )


def _clients(seen: Refusals, storm: pl.DataFrame) -> str:
    """Say from how many networks the refused logins came, and how many came from the first."""
    rows = seen.refused.filter(pl.col("status").is_in(DENIED)).join(
        storm, on=["time", *ENDPOINT], how="semi", nulls_equal=True
    )
    main = main_network(rows)
    if main is None:
        return ""
    network, share, networks = main
    most = f", {wording.percent(share, 0)} of them from {network}" if share >= STANDS_OUT else ""
    return f", from {wording.count(networks, 'network')}{most}"
