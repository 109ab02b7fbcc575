"""Count the answers that refuse a request, minute by minute, as the input of the security findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from incident_kit.diagnosis.answer_blocks import proxy_network
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.measure.requests.traits import client_network
from incident_kit.measure.rollups.buckets import floor_time
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.wording import clock, endpoint, share_with_interval

REFUSED = (400, 401, 403, 404, 405, 410, 429, 503)
"""Statuses with which a service refuses what it could have answered to somebody else."""

TOO_MANY_REQUESTS = 429
"""The status that only a rate limiter uses."""

AT_ONCE_MS = 10.0
"""A limiter refuses without asking anyone; a request that took longer was tried."""

MINUTE_S = 60

KEYS = ("time", "client", "network", *ENDPOINT, "path", "status", "limited")


@dataclass(frozen=True)
class Refusals:
    """Refused requests by minute, client and path, and all requests by minute and endpoint.

    `refused` has [time, client, network, method, route, path, status, limited, requests]; from a rollup,
    client and network are null and the path is the route. `limited` says that a rate limiter refused.
    `all_requests` has [time, method, route, requests]. `clients` has [client, requests], all requests of the
    refused clients. `minutes` is how many minutes the log covers. `proxy` is the network of a proxy before
    this one, if most requests come from there.
    """

    refused: pl.DataFrame
    all_requests: pl.DataFrame
    clients: pl.DataFrame
    minutes: int
    proxy: str | None


def refusals(requests: pl.DataFrame | None, rollup: Rollup) -> Refusals:
    """Gather the refused requests of a log, or what its rollup has about them."""
    counts = rollup.counts.with_columns(floor_time("time", MINUTE_S))
    all_requests = counts.group_by("time", *ENDPOINT).agg(pl.col("requests").sum())
    refused = _of_rollup(counts) if requests is None else _of_requests(requests)
    clients = pl.DataFrame(schema={"client": pl.String, "requests": pl.Int64})
    if requests is not None:
        seen = requests.select(client="client_ip").join(
            refused.select("client").unique(), on="client", how="semi"
        )
        clients = seen.group_by("client").agg(pl.len().cast(pl.Int64).alias("requests"))
    proxy = None if requests is None else proxy_network(requests)
    return Refusals(refused, all_requests, clients, _minutes(rollup.meta.first, rollup.meta.last), proxy)


def _minutes(first: datetime | None, last: datetime | None) -> int:
    if first is None or last is None:
        return 0
    return int((last - first).total_seconds()) // MINUTE_S + 1


def minutes_between(rows: pl.DataFrame) -> str:
    """Say between when and when the minutes in `time` lie."""
    first, last = rows.select(first=pl.col("time").min(), last=pl.col("time").max()).row(0)
    return f"between {clock(first)} and {clock(last + timedelta(seconds=MINUTE_S))}"


def main_network(rows: pl.DataFrame) -> tuple[str, float, int] | None:
    """Return the network with most of the `requests`, its share of them, and the number of networks.

    None if no network is known.
    """
    networks = rows.drop_nulls("network").group_by("network").agg(pl.col("requests").sum())
    if networks.is_empty():
        return None
    network, requests = networks.sort("requests", "network").row(-1)
    return network, requests / networks["requests"].sum(), networks.height


def refused_share(refused: int, requests: int) -> str:
    """Say which share of the requests was refused, with its 95 % interval."""
    return share_with_interval(refused / requests, *share_interval(refused, requests))


def refused_there(refused: int, requests: int, rows: pl.DataFrame) -> str:
    """Say which share of the requests to some endpoints was refused, and in which minutes (`time`)."""
    return f"{refused_share(refused, requests)} of the requests there were refused {minutes_between(rows)}"


def busiest(rows: pl.DataFrame, column: str) -> str:
    """Return the endpoint with the largest sum, as `POST /login`."""
    first = rows.group_by(ENDPOINT).agg(pl.col(column).sum()).sort(column, *ENDPOINT).row(-1, named=True)
    return endpoint(first["method"], first["route"])


def _of_requests(requests: pl.DataFrame) -> pl.DataFrame:
    # If a proxy logs its upstreams, a refusal without an upstream is its own; otherwise the two cannot be
    # told apart.
    proxied = requests["upstream_addr"].null_count() < requests.height / 2
    own = pl.col("upstream_addr").is_null() & (pl.col("duration_ms") <= AT_ONCE_MS) & pl.lit(proxied)
    limited = (pl.col("status") == TOO_MANY_REQUESTS) | ((pl.col("status") == 503) & own)
    return (
        requests.lazy()
        .filter(pl.col("status").is_in(REFUSED))
        .with_columns(
            floor_time("start_time", MINUTE_S).alias("time"),
            client_network().alias("network"),
            limited.fill_null(False).alias("limited"),
            client="client_ip",
        )
        .group_by(KEYS)
        .agg(pl.len().cast(pl.Int64).alias("requests"))
        .collect()
    )


def _of_rollup(counts: pl.DataFrame) -> pl.DataFrame:
    nobody = pl.lit(None, dtype=pl.String)
    return (
        counts.filter(pl.col("status").is_in(REFUSED))
        .with_columns(
            client=nobody, network=nobody, path="route", limited=pl.col("status") == TOO_MANY_REQUESTS
        )
        .group_by(KEYS)
        .agg(pl.col("requests").sum())
    )
