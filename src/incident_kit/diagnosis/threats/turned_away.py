"""Not an attack: an endpoint refuses what it used to answer.

No more requests than usual arrive, and they come from many networks. Causes are a release that lost its
pages, expired keys, or a login that rejects everybody. The promises count only 5xx as errors, so they show
nothing.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import Refusals, busiest, refused_there
from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.indicators.bad_requests import ENDPOINT

TURNED_AWAY = (400, 401, 403, 404, 405, 410)
BLOCK = "5m"
"""A minute of a quiet endpoint tells nothing, so the time is cut into blocks of five minutes."""
MORE = 0.3
"""The share of refusals rises by 30 percentage points, by its lower bound, as for a broken endpoint."""
MIN_REFUSALS = 20
"""Fewest refusals in all."""
GREW = 1.5
"""With 1.5 times as many requests as usual, clients came that are not usually there."""
ONE_NETWORK = 0.5
"""A network with half of the refusals has a problem of its own."""


def find(seen: Refusals) -> Finding | None:
    """Return the finding that an endpoint began to refuse its usual requests."""
    refused = seen.refused.filter(pl.col("status").is_in(TURNED_AWAY)).with_columns(_block())
    blocks = _blocks(refused, seen.all_requests)
    rows = _from_many_networks(refused.join(blocks, on=[_BLOCK, *ENDPOINT], how="semi"))
    blocks = blocks.join(rows, on=ENDPOINT, how="semi")
    number, requests = int(blocks["refused"].sum()), int(blocks["requests"].sum())
    if number < MIN_REFUSALS:
        return None
    name, statuses = busiest(blocks, "refused"), rows["status"].unique().sort()
    usual = wording.rate(float(blocks.sort("refused")["usual_share"][-1]))
    return Finding(
        id="turned-away",
        priority="reliability",
        claim=f"{name} refused what it usually answers: {wording.count(number, 'answer')} of "
        f"{wording.listed([str(status) for status in statuses], 'or')}.",
        evidence=f"{refused_there(number, requests, rows)}, usually {usual}; no more came than usual.",
        change="Look for what changed then: a release, a path, a permission, a key that expired. No target "
        "counts these answers, and users take them for failures.",
        risk="Some of them may be right: see what was asked for before it is let through again.",
        verify=f"Ask {name} for something that is there, as one who may have it.",
        monitor=f"The share of requests to {name} that are refused, by status.",
    )


_BLOCK = "block"


def _block() -> pl.Expr:
    return pl.col("time").dt.truncate(BLOCK).alias(_BLOCK)


def _blocks(refused: pl.DataFrame, all_requests: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks of time in which an endpoint refused more, and no more requests came than usual."""
    came, denied = (
        table.group_by(_block(), *ENDPOINT).agg(pl.col("requests").sum().alias(name))
        for table, name in ((all_requests, "requests"), (refused, "refused"))
    )
    counts = came.join(denied, on=[_BLOCK, *ENDPOINT], how="left").with_columns(
        pl.col("refused").fill_null(0)
    )
    low, _ = wilson(counts["refused"].to_numpy().astype(np.float64), counts["requests"].to_numpy())
    usual = (pl.col("refused") / pl.col("requests")).median().over(ENDPOINT)
    return counts.with_columns(usual_share=usual, low=pl.Series(low, dtype=pl.Float64)).filter(
        pl.col("low") >= pl.col("usual_share") + MORE,
        pl.col("requests") <= GREW * pl.col("requests").median().over(ENDPOINT),
    )


def _from_many_networks(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the refusals of endpoints that do not come mostly from one network."""
    by_network = rows.group_by(*ENDPOINT, "network").agg(pl.col("requests").sum())
    most = by_network.group_by(ENDPOINT).agg(
        most=pl.col("requests").filter(pl.col("network").is_not_null()).max(), whole=pl.col("requests").sum()
    )
    spread = most.filter(pl.col("most").is_null() | (pl.col("most") < ONE_NETWORK * pl.col("whole")))
    return rows.join(spread, on=ENDPOINT, how="semi")
