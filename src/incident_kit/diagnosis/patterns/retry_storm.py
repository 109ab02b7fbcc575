"""Pattern: a caller immediately repeats calls that fail, which multiplies the load on the failing callee.

Example: `web` calls `cart` once per request; `cart` fails, and `web` now makes 3 calls per request.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.calls.calls import calls_table
from incident_kit.measure.calls.service_graph import call_edges

GROWTH = 1.3
"""Calls per request grow by a third at least: fewer retries are what retries are for."""
RETRIED = 0.2
"""And at least a fifth of the calls repeat one that failed."""
MIN_RETRIES = 20
"""Fewer repeated calls than this may come from a single client."""


def find(case: Case) -> Finding | None:
    """Return the finding that calls were repeated on a large scale in an incident."""
    edge = _storm(case)
    if edge is None:
        return None
    caller, callee = edge["caller"], edge["callee"]
    return Finding(
        id="retry-storm",
        priority="reliability",
        claim=f"{caller} retries its failing calls to {callee} and multiplies the load on it.",
        evidence=f"{wording.count(edge['retries'], 'call')} of {edge['calls']:,} repeat one that failed; "
        f"{edge['calls_per_request']:.1f} calls a request where there were {edge['usual']:.1f}.",
        change=f"Let {caller} wait between attempts (exponential back-off with jitter), and limit "
        "retries to a tenth of its calls with a retry budget; retry at one layer only.",
        risk="Fewer retries show more of the callee's single failures to the users.",
        verify=f"Let {callee} fail in a test: its call rate must not rise by more than the retry budget.",
        monitor=f"Calls per request from {caller} to {callee}, and the share of them that are retries.",
    )


def _storm(case: Case) -> dict[str, Any] | None:
    """Return the edge with most retries among those whose calls per request grew, or None."""
    if case.calls.retry.sum() < MIN_RETRIES:
        return None
    before, during = (
        call_edges(calls_table(case.calls.within(window))) for window in (case.before, case.during)
    )
    usual = before.select("caller", "callee", usual="calls_per_request")
    storms = during.join(usual, on=["caller", "callee"]).filter(
        pl.col("calls_per_request") >= GROWTH * pl.col("usual"),
        pl.col("retries") >= pl.max_horizontal(RETRIED * pl.col("calls"), MIN_RETRIES),
    )
    return storms.sort("retries").row(-1, named=True) if storms.height else None
