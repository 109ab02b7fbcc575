"""Blocks of five minutes in which an endpoint gave far more answers of one kind than it usually does.

Example: `GET /cart` answers 2 % of its requests with 404, and from 10:05 to 10:20 it answers 97 % so. Three
blocks are above the usual.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.requests.traits import client_network
from incident_kit.schema import ENDPOINT

WIDTH = "5m"
"""A minute of a quiet endpoint tells nothing, so the time is cut into blocks of five minutes."""

MORE = 0.3
"""The share rises by 30 percentage points, by its lower bound, as for a broken endpoint."""

MIN_ANSWERS = 20
"""Fewest answers of the kind in all blocks."""

ONE_NETWORK = 0.5
"""A network with half of the answers has a problem of its own; one with half of all requests is a proxy's."""

SAMPLED = 10_000
"""Number of requests in which the network of a proxy is looked for."""


def block() -> pl.Expr:
    """Return the expression for the start of the block that contains `time`."""
    return pl.col("time").dt.truncate(WIDTH).alias("block")


def above_usual(answers: pl.DataFrame, all_requests: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks in which an endpoint's share of answers of a kind is far above its median block's.

    Both frames are [time, method, route, requests]: the answers of the kind, and all of them. The result is
    [block, method, route, requests, answers, usual_share, usual_requests].
    """
    came, of_kind = (
        table.group_by(block(), *ENDPOINT).agg(pl.col("requests").sum().alias(name))
        for table, name in ((all_requests, "requests"), (answers, "answers"))
    )
    counts = came.join(of_kind, on=["block", *ENDPOINT], how="left", nulls_equal=True).with_columns(
        # Answers that no indicator counts are not among all requests.
        pl.min_horizontal(pl.col("answers").fill_null(0), "requests")
    )
    low, _ = wilson(counts["answers"].to_numpy().astype(np.float64), counts["requests"].to_numpy())
    usual = (pl.col("answers") / pl.col("requests")).median().over(ENDPOINT)
    return counts.with_columns(
        usual_share=usual, usual_requests=pl.col("requests").median().over(ENDPOINT)
    ).filter(pl.Series(low) >= pl.col("usual_share") + MORE)


def from_many_networks(answers: pl.DataFrame, proxy: str | None) -> pl.DataFrame:
    """Return the answers of endpoints that do not come mostly from one network, apart from a `proxy`'s.

    `answers` have [network, method, route, requests].
    """
    by_network = answers.group_by(*ENDPOINT, "network").agg(pl.col("requests").sum())
    told = pl.col("network") != (proxy or "")
    most = by_network.group_by(ENDPOINT).agg(
        most=pl.col("requests").filter(told).max(), whole=pl.col("requests").sum()
    )
    spread = most.filter(pl.col("most").is_null() | (pl.col("most") < ONE_NETWORK * pl.col("whole")))
    return answers.join(spread, on=ENDPOINT, how="semi", nulls_equal=True)


def proxy_network(requests: pl.DataFrame) -> str | None:
    """Return the network from which half of all requests come, as behind a proxy; it tells nothing.

    None if there is none.
    """
    sample = requests.gather_every(max(1, requests.height // SAMPLED))
    counts = sample.select(network=client_network()).drop_nulls()["network"].value_counts(sort=True)
    if counts.is_empty() or counts["count"][0] < ONE_NETWORK * sample.height:
        return None
    return str(counts["network"][0])
