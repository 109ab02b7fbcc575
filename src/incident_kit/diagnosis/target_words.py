"""Each target in words: what it is called, and how its numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any

import polars as pl

from incident_kit.diagnosis.changes import EVERYWHERE
from incident_kit.wording import listed, milliseconds, percent, span


@dataclass(frozen=True)
class TargetWords:
    """The name of a target, how its value, interval and objective are written, and for what time it is."""

    name: str
    write: Callable[[float], str]
    bound: str
    over: str = ""


_SHARE = partial(percent, digits=3)

TARGETS: Mapping[str, TargetWords] = {
    "latency": TargetWords("requests in time", _SHARE, "at least"),
    "latency_quantile": TargetWords("latency", milliseconds, "at most"),
    "error_rate": TargetWords("errors", _SHARE, "at most"),
    "availability": TargetWords("availability", _SHARE, "at least"),
    "bad_minutes": TargetWords("bad minutes", lambda minutes: span(60 * minutes), "at most", " in 30 days"),
    "recovery": TargetWords("recovery", span, "at most"),
}

CHANGES: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "errors": ("failed requests", _SHARE),
    "latency": ("slow requests", _SHARE),
    "latency_quantile": ("latency", milliseconds),
}
"""What a comparison's indicators are called, and how their numbers are written."""


def in_words(verdicts: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return one row a target: target, measured, between (the 95 % interval), goal, verdict; all text."""
    return pl.DataFrame(
        [_row(row) for row in verdicts],
        schema=dict.fromkeys(("target", "measured", "between", "goal", "verdict"), pl.String),
    )


def alike_throughout(verdicts: Iterable[Mapping[str, Any]]) -> str:
    """Say of a log without an incident that it misses targets all the time, if it does."""
    missed = [TARGETS[row["target"]].name for row in verdicts if row["verdict"] == "breached"]
    if not missed:
        return ""
    return (
        f"The data miss the target for {listed(missed)}, and are alike throughout: they may lie within an "
        "incident. A longer log, or a baseline, would tell."
    )


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    target = str(row["target"])
    words = TARGETS.get(target, TargetWords(target.replace("_", " "), "{:.4g}".format, ""))
    known = {
        name: words.write(row[name]) for name in ("value", "low", "high", "objective") if _is_known(row, name)
    }
    is_exact = row.get("low") == row.get("high")
    goal = f"{words.bound} {known['objective']}{words.over}" if "objective" in known else ""
    return {
        "target": words.name,
        "measured": known.get("value", ""),
        "between": "" if is_exact else _between(known),
        "goal": goal,
        "verdict": str(row["verdict"]),
    }


def _between(known: Mapping[str, str]) -> str:
    """Return the interval; of what was counted and has no upper end yet, the lower one."""
    if {"low", "high"} <= known.keys():
        return f"{known['low']} to {known['high']}"
    return f"{known['low']} or more so far" if {"low", "value"} <= known.keys() else ""


def _is_known(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name)
    return value is not None and isfinite(value)


def changes_in_words(changes: pl.DataFrame) -> pl.DataFrame:
    """Return a comparison's changes as text, in each indicator's own unit."""
    return pl.DataFrame(
        [_change(row) for row in changes.iter_rows(named=True)],
        schema=dict.fromkeys(
            ("what", "where", "before", "after", "change", "between", "could see", "verdict"), pl.String
        ),
    )


def _change(row: Mapping[str, Any]) -> dict[str, str]:
    noun, write = CHANGES[row["indicator"]]
    names = ("before", "after", "change", "low", "high", "detectable")
    known = {name: write(row[name]) for name in names if _is_known(row, name)}
    between = f"{known['low']} to {known['high']}" if {"low", "high"} <= known.keys() else ""
    where = " ".join(part for part in (row["method"], row["route"]) if part and part != EVERYWHERE)
    return {
        "what": noun,
        "where": where or "all requests",
        **{name: known.get(name, "") for name in ("before", "after", "change")},
        "between": between,
        "could see": known.get("detectable", ""),
        "verdict": str(row["verdict"]),
    }
