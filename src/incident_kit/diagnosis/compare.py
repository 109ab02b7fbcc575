"""A release gate: did anything get worse from before to after, and what could have been seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from incident_kit.diagnosis.changes import (
    EVERYWHERE,
    REGRESSION,
    UNKNOWN,
    judged,
    quantile_changes,
    share_changes,
)
from incident_kit.measure.bad_requests import ENDPOINT
from incident_kit.measure.rollup import Rollup, rollup_requests
from incident_kit.slo import Targets
from incident_kit.wording import listed, rate

SCHEMA = "incident-kit/comparison/1"
NOUNS = {"errors": "errors", "latency": "slow requests", "latency_quantile": "latency"}
"""What the indicators are called in a sentence."""


@dataclass(frozen=True)
class Comparison:
    """What changed, over all requests (route `(all)`) and by endpoint.

    [indicator, method, route, before, after, change, low, high, detectable, verdict]: of `errors` and
    `latency` the shares of bad requests, of `latency_quantile` milliseconds; `low` and `high` are the 95 %
    interval of the change, `detectable` is the smallest rise that would have been seen four times in five.
    """

    changes: pl.DataFrame

    @property
    def regressions(self) -> pl.DataFrame:
        """The rows that got worse beyond chance and tolerance."""
        return self.changes.filter(pl.col("verdict") == REGRESSION)

    @property
    def passed(self) -> bool:
        """Whether nothing got worse, and what all requests together say suffices to know."""
        return self.regressions.is_empty() and UNKNOWN not in self._overall["verdict"].to_list()

    @property
    def verdict(self) -> str:
        """One word for the gate: `regression`, `not enough data`, or `no regression`."""
        if self.regressions.height:
            return REGRESSION
        return "no regression" if self.passed else UNKNOWN

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON document (schema `incident-kit/comparison/1`)."""
        rows = self.changes.to_dicts()
        return {"schema": SCHEMA, "verdict": self.verdict, "passed": self.passed, "changes": rows}

    @property
    def _overall(self) -> pl.DataFrame:
        return self.changes.filter(pl.col("route") == EVERYWHERE)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        if self.regressions.height:
            return f"Regression: {'; '.join(_worse(self.regressions))}."
        shares = self._overall.filter(
            pl.col("indicator") != "latency_quantile", pl.col("detectable").is_not_null()
        )
        rises = [
            f"of {NOUNS[row['indicator']]} by {rate(row['detectable']).removesuffix(' %')}"
            for row in shares.iter_rows(named=True)
        ]
        seen = f"a rise {listed(rises, 'or')} percentage points would" if rises else "nothing could"
        return f"{self.verdict.capitalize()}; {seen} have been seen."


def _worse(regressions: pl.DataFrame) -> list[str]:
    """Say what got worse where: places where the same did are named together, all requests last."""
    found: dict[str, list[str]] = {}
    for row in regressions.sort(pl.col("route") == EVERYWHERE, maintain_order=True).iter_rows(named=True):
        found.setdefault(_place(row["method"], row["route"]), []).append(row["indicator"])
    places: dict[tuple[str, ...], list[str]] = {}
    for place, indicators in found.items():
        worse = tuple(noun for indicator, noun in NOUNS.items() if indicator in indicators)
        places.setdefault(worse, []).append(place)
    return [f"{listed(worse)} of {listed(names)} got worse" for worse, names in places.items()]


def _place(method: object, route: object) -> str:
    return "all requests" if route == EVERYWHERE else f"{method} {route}"


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
    promised = targets if isinstance(targets, Targets) else Targets.of(targets)
    old, new = (
        data if isinstance(data, Rollup) else rollup_requests(data, targets=promised)
        for data in (before, after)
    )
    parts = [
        share_changes(old, new, slo, by)
        for slo in (promised.errors, promised.latency)
        for by in ((), ENDPOINT)
    ]
    return Comparison(judged([*parts, quantile_changes(old, new, promised)]))
