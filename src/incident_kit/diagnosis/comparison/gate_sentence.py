"""Write in a sentence what a comparison says about a release."""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit.diagnosis.comparison.changes import MOVED
from incident_kit.inert import for_terminal
from incident_kit.wording import EVERYWHERE, REGRESSION, endpoint, listed, rate

ALL = "all requests"
NOUNS = {"errors": "errors", "latency": "slow requests", "latency_quantile": "latency"}
"""The names of the indicators in a sentence."""

NOTHING_SEEN = "nothing could have been seen."

MAX_NAMED = 5
"""Number of endpoints that are named together, because a general failure would name hundreds."""

MAX_NEW = 2
"""Upper bound on the new endpoints that are named as the reason for a rise which no other endpoint
explains."""


def gate_sentence(verdict: str, changes: pl.DataFrame) -> str:
    """Say what got worse where; or, if nothing did, whether traffic moved, and what was detectable."""
    worse = changes.filter(verdict=REGRESSION)
    if worse.height:
        return f"Regression: {'; '.join([*_worse(worse), *_new(worse, changes)])}."
    return "; ".join([verdict.capitalize(), *_moved(changes), _seen(changes)])


def _worse(regressions: pl.DataFrame) -> list[str]:
    """Say what got worse where. Places with the same change are named together, all requests last."""
    found: dict[str, list[str]] = {}
    for row in regressions.sort(pl.col("route") == EVERYWHERE, maintain_order=True).iter_rows(named=True):
        found.setdefault(_place(row), []).append(row["indicator"])
    places: dict[tuple[str, ...], list[str]] = {}
    for place, indicators in found.items():
        places.setdefault(_nouns(indicators), []).append(place)
    return [f"{listed(worse)} of {_among(names)} got worse" for worse, names in places.items()]


def _among(names: list[str]) -> str:
    """Name the first of many endpoints, the number of the others, and all requests if they are among them."""
    endpoints = [name for name in names if name != ALL]
    rest = len(endpoints) - MAX_NAMED
    if rest > 1:
        endpoints = [*endpoints[:MAX_NAMED], f"{rest} more endpoints"]
    return listed([*endpoints, *names[names.index(ALL) :]] if ALL in names else endpoints)


def _new(worse: pl.DataFrame, changes: pl.DataFrame) -> list[str]:
    """Say which new endpoints are worse than all requests, if no known endpoint explains the rise."""
    said = []
    for indicator, verb in (("errors", "fail"), ("latency", "are slow")):
        rows = worse.filter(indicator=indicator)
        if rows["route"].to_list() != [EVERYWHERE]:
            continue
        new = changes.filter(
            pl.col("indicator") == indicator, pl.col("before").is_null(), pl.col("after") > rows["after"][0]
        )
        said += [
            f"{_place(row)} is new, and {rate(row['after'])} of its requests {verb}"
            for row in new.sort("after", descending=True, maintain_order=True)[:MAX_NEW].iter_rows(named=True)
        ]
    return said


def _moved(changes: pl.DataFrame) -> list[str]:
    moved = changes.filter(verdict=MOVED)["indicator"].to_list()
    rose = f"{listed(_nouns(moved))} of all requests rose"
    return [f"{rose} only because traffic moved to endpoints that were as bad before"] if moved else []


def _seen(changes: pl.DataFrame) -> str:
    """Say how large a rise over all requests would have been detected."""
    rises = [
        f"of {NOUNS[row['indicator']]} by {rate(row['detectable']).removesuffix(' %')}"
        for row in changes.filter(route=EVERYWHERE).iter_rows(named=True)
        if row["indicator"] != "latency_quantile" and row["detectable"] is not None
    ]
    return f"a rise {listed(rises, 'or')} percentage points would have been seen." if rises else NOTHING_SEEN


def _nouns(indicators: list[str]) -> tuple[str, ...]:
    return tuple(noun for indicator, noun in NOUNS.items() if indicator in indicators)


def _place(row: dict[str, Any]) -> str:
    return ALL if row["route"] == EVERYWHERE else for_terminal(endpoint(row["method"], row["route"]))
