"""Find upstreams that fail a proxy while the next upstream answers, so that requests hardly show it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from incident_kit.diagnosis.beside_incidents.hidden_failures import find_hidden_failures
from incident_kit.diagnosis.culprits.proxy_spans import proxy_spans
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.findings import Finding
from incident_kit.slo import Targets

MAX_REQUESTS = 200_000
"""Upper bound on the requests used. Of more requests every nth is used; the share of failed attempts is
precise enough."""

PROXY = "the proxy"


def find_hidden_attempts(
    requests: pl.DataFrame, targets: Targets, found: Iterable[Incident]
) -> list[Finding]:
    """Return the finding of the upstream that failed most often outside incidents, if any did.

    `requests` are REQUESTS. Only a log with several attempts for some request can hide that one failed.
    """
    if not (requests["upstream_attempts"] > 1).any():
        return []
    some = requests.gather_every(max(1, -(-requests.height // MAX_REQUESTS)))
    attempts = proxy_spans(some).filter(pl.col("parent_span_id").is_not_null(), pl.col("start").is_not_null())
    made = attempts.select(
        "start", caller=pl.lit(PROXY), callee="service", failed=pl.col("status") == "error"
    )
    return find_hidden_failures(made, targets, found)
