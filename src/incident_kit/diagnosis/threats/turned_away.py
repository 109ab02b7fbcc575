"""Not an attack: an endpoint refuses what it used to answer.

No more requests than usual arrive, and they come from many networks. Causes are a release that lost its
pages, expired keys, or a login that rejects everybody. The SLOs count only 5xx as errors, so they show
nothing.
"""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.answer_blocks import MIN_ANSWERS, above_usual, block, from_many_networks
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import Refusals, busiest, refused_there
from incident_kit.schema import ENDPOINT

TURNED_AWAY = (400, 401, 403, 404, 405, 410)

GREW = 1.5
"""With 1.5 times as many requests as usual, clients came that are not usually there."""


def find(seen: Refusals) -> Finding | None:
    """Return the finding that an endpoint began to refuse its usual requests."""
    refused = seen.refused.filter(pl.col("status").is_in(TURNED_AWAY)).with_columns(block())
    blocks = above_usual(refused, seen.all_requests).filter(
        pl.col("requests") <= GREW * pl.col("usual_requests")
    )
    rows = from_many_networks(refused.join(blocks, on=["block", *ENDPOINT], how="semi"), seen.proxy)
    blocks = blocks.join(rows, on=ENDPOINT, how="semi")
    number, requests = int(blocks["answers"].sum()), int(blocks["requests"].sum())
    if number < MIN_ANSWERS:
        return None
    name, statuses = busiest(blocks, "answers"), rows["status"].unique().sort()
    usual = wording.rate(float(blocks.sort("answers")["usual_share"][-1]))
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
