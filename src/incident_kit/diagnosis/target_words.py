"""Put targets, and the changes of a comparison, in words: their names, and how their numbers are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import polars as pl

from incident_kit.wording import EVERYWHERE, duration_words, listed, milliseconds, points, quantile, rate


@dataclass(frozen=True)
class TargetWords:
    """The name of a target, how its value, interval and objective are written, and the time it covers.

    `growing` is added to a value that is only known from below. If a target is of a quantile, its name ends
    with it: `latency (p95)`.
    """

    noun: str
    write: Callable[[float], str]
    bound: str
    over: str = ""
    growing: str = " so far"
    of_quantile: bool = False

    def name(self, q: float) -> str:
        """Return the name of the target; `q` is the quantile of the latency target."""
        return f"{self.noun} ({quantile(q)})" if self.of_quantile else self.noun


TARGETS: Mapping[str, TargetWords] = {
    "latency": TargetWords("requests in time", rate, "at least"),
    "latency_quantile": TargetWords("latency", milliseconds, "at most", of_quantile=True),
    "error_rate": TargetWords("errors", rate, "at most"),
    "availability": TargetWords("availability", rate, "at least"),
    "bad_minutes": TargetWords(
        "unavailable minutes", lambda minutes: duration_words(60 * minutes), "at most", " in 30 days"
    ),
    "recovery": TargetWords("recovery", duration_words, "at most", growing=" or more"),
}

Write = Callable[[float], str]

CHANGES: Mapping[str, tuple[TargetWords, Write]] = {
    "errors": (TargetWords("failed requests", rate, "at most"), points),
    "latency": (TargetWords("slow requests", rate, "at most"), points),
    "latency_quantile": (TARGETS["latency_quantile"], milliseconds),
}
"""By indicator: its words in a comparison, and how its changes are written."""


def in_words(verdicts: Iterable[Mapping[str, Any]], q: float) -> pl.DataFrame:
    """Return one row per target: target, verdict, measured, between (the 95 % interval), goal; all text.

    `q` is the quantile of the latency target, which the target is named after.
    """
    return pl.DataFrame(
        [_row(row, q) for row in verdicts],
        schema=dict.fromkeys(("target", "verdict", "measured", "between", "goal"), pl.String),
    )


def missed_throughout(verdicts: Iterable[Mapping[str, Any]], q: float) -> str:
    """Say that a log without an incident misses targets all the time, if it does."""
    missed = [TARGETS[row["target"]].name(q) for row in verdicts if row["verdict"] == "breached"]
    if not missed:
        return ""
    return (
        f"The data miss the target for {listed(missed)}, and no stretch of time stands out: they may lie "
        "within an incident. A longer log, or a baseline, would tell."
    )


def _row(row: Mapping[str, Any], q: float) -> dict[str, str]:
    target = str(row["target"])
    words = TARGETS.get(target, TargetWords(target.replace("_", " "), "{:.4g}".format, ""))
    known = {
        name: words.write(row[name]) for name in ("value", "low", "high", "objective") if _is_known(row, name)
    }
    has_interval = {"value", "low", "high"} <= known.keys() and row["low"] != row["high"]
    is_growing = {"low", "value"} <= known.keys() and "high" not in known
    return {
        "target": words.name(q),
        "verdict": str(row["verdict"]),
        "measured": known.get("value", "") + (words.growing if is_growing else ""),
        "between": f"{known['low']} to {known['high']}" if has_interval else "",
        "goal": f"{words.bound} {known['objective']}{words.over}" if "objective" in known else "",
    }


def _is_known(row: Mapping[str, Any], name: str) -> bool:
    value = row.get(name)
    return value is not None and isfinite(value)


def changes_in_words(changes: pl.DataFrame, q: float) -> pl.DataFrame:
    """Return a comparison's changes as text, each in its own unit; `q` is the quantile of latencies."""
    return pl.DataFrame(
        [_change(row, q) for row in changes.iter_rows(named=True)],
        schema=dict.fromkeys(
            ("what", "where", "before", "after", "change", "between", "could see", "verdict"), pl.String
        ),
    )


_CHANGED = ("change", "low", "high", "detectable")


def _change(row: Mapping[str, Any], q: float) -> dict[str, str]:
    words, write_change = CHANGES[row["indicator"]]
    writers = {"before": words.write, "after": words.write, **dict.fromkeys(_CHANGED, write_change)}
    known = {name: each(row[name]) for name, each in writers.items() if _is_known(row, name)}
    between = f"{known['low']} to {known['high']}" if {"low", "high"} <= known.keys() else ""
    where = " ".join(part for part in (row["method"], row["route"]) if part and part != EVERYWHERE)
    return {
        "what": words.name(q),
        "where": where or "all requests",
        **{name: known.get(name, "") for name in ("before", "after", "change")},
        "between": between,
        "could see": known.get("detectable", ""),
        "verdict": str(row["verdict"]),
    }
