"""A release gate: did anything get worse, and how large a change could have been seen.

Example: 20,000 requests before a release and 20,000 after it. Errors rise from 0.10 % to 0.11 % over all
requests, which is within chance: "no change", if a rise within the budget would have been detectable. With
200 requests the verdict is "not enough data".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from incident_kit.diagnosis.comparison.changes import (
    MOVED,
    TOLERATED,
    UNKNOWN,
    judged,
    quantile_changes,
    share_changes,
)
from incident_kit.diagnosis.comparison.gate_sentence import gate_sentence
from incident_kit.diagnosis.detection.moved_traffic import is_moved_traffic
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import ENDPOINT
from incident_kit.slo import Targets
from incident_kit.wording import EVERYWHERE, REGRESSION

SCHEMA = "incident-kit/comparison/1"
SHORTEST_MS = 0.001
"""No server's clock is finer. A threshold must be above zero, but a quantile may be zero."""


@dataclass(frozen=True)
class Comparison:
    """What changed, over all requests (route `(all)`) and by endpoint.

    [indicator, method, route, before, after, change, low, high, detectable, verdict]: for `errors` and
    `latency` the shares of bad requests, for `latency_quantile` milliseconds. `low` and `high` are the 95 %
    interval of the change; `detectable` is the smallest rise that would have been seen four times in five.
    The verdict is `regression`, `improvement`, `no change`, `not enough data`, or for all requests `traffic
    moved`: more of them are bad, because more go to endpoints that were as bad before.
    """

    changes: pl.DataFrame
    latency_quantile: float = Targets.latency_quantile
    """The quantile of latency that was compared."""

    @property
    def regressions(self) -> pl.DataFrame:
        """The rows that got worse beyond chance and tolerance."""
        return self.changes.filter(pl.col("verdict") == REGRESSION)

    @property
    def passed(self) -> bool:
        """Whether nothing got worse, and there are enough requests overall to know."""
        overall = self._overall["verdict"].to_list()
        return self.regressions.is_empty() and bool(overall) and UNKNOWN not in overall

    @property
    def verdict(self) -> str:
        """The verdict of the gate: `regression`, `not enough data`, or `no regression`."""
        if self.regressions.height:
            return REGRESSION
        return "no regression" if self.passed else UNKNOWN

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON document (schema `incident-kit/comparison/1`)."""
        rows = self.changes.to_dicts()
        told = {"verdict": self.verdict, "passed": self.passed, "latency_quantile": self.latency_quantile}
        return {"schema": SCHEMA, **told, "changes": rows}

    @property
    def _overall(self) -> pl.DataFrame:
        return self.changes.filter(pl.col("route") == EVERYWHERE)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return gate_sentence(self.verdict, self.changes)


def compare(before: Any, after: Any, *, targets: Targets | Mapping[str, float] | None = None) -> Comparison:
    """Compare two sets of requests, such as those before and after a release, or of stable and canary.

    Parameters
    ----------
    before, after
        Frames of REQUESTS, or rollups that count slow requests above the target.
    targets
        The targets, or those that differ from the defaults by name.

    Raises
    ------
    ParameterError
        If a target's name is unknown.
    SchemaError
        If a frame is none, or lacks its times.
    """
    objectives = Targets.of(targets)
    old, new = (
        data if isinstance(data, Rollup) else rollup_requests(data, targets=objectives)
        for data in (before, after)
    )
    parts = [
        share_changes(old, new, slo, by)
        for slo in (objectives.errors, objectives.latency)
        for by in ((), ENDPOINT)
    ]
    changes = judged([*parts, quantile_changes(old, new, objectives)])
    told = _told_from_moved_traffic(changes, old, new, objectives)
    return Comparison(told, objectives.latency_quantile)


def _told_from_moved_traffic(
    changes: pl.DataFrame, old: Rollup, new: Rollup, targets: Targets
) -> pl.DataFrame:
    """Change the verdict to moved traffic where that explains a rise which no endpoint has.

    The rise is over all requests only, and no endpoint got worse by the same indicator.
    """
    worse = changes.filter(verdict=REGRESSION)
    alone = [
        row
        for row in worse.filter(route=EVERYWHERE).iter_rows(named=True)
        if worse.filter(indicator=row["indicator"]).height == 1
    ]
    slos = {"errors": targets.errors, "latency": targets.latency}
    moved = []
    for row in alone:
        # A quantile moves with the share of requests beyond its old value.
        threshold = max(row["before"], SHORTEST_MS)
        slo = slos.get(row["indicator"]) or replace(targets.latency, threshold_ms=threshold)
        if is_moved_traffic(bad_counts(old, slo), bad_counts(new, slo), TOLERATED * slo.budget):
            moved.append(row["indicator"])
    is_moved = (pl.col("route") == EVERYWHERE) & pl.col("indicator").is_in(moved)
    return changes.with_columns(verdict=pl.when(is_moved).then(pl.lit(MOVED)).otherwise("verdict"))
