"""Write the values of a table's columns as text: numbers with units, by the names of the columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from incident_kit.wording import clock, duration_words, milliseconds, percent, rate

MAX_CHARACTERS = 160  # a longer cell is a log line, whose beginning is enough

HEADS = {
    "during_rate": "share during",
    "before_rate": "share before",
    "low": "at least",
    "high": "at most",
    "low_ms": "at least",
    "high_ms": "at most",
    "root_fails": "requests that fail with it",
}
"""Columns whose names alone would not tell what their values are of."""

ADVICE = frozenset({"action", "verify"})
"""Columns of the kit's own words, in which backticks mark commands."""

WHOLE = ADVICE | {"because", "means"}
"""Columns of sentences, which are never cut."""

Writer = Callable[[Any], str]
_SHARES = {"share", "share_of_bad", "share_of_all", "low", "high", "rate_share", "mix_share"}


def head(name: str) -> str:
    """Return the heading of a column in words, without the unit that its cells tell."""
    unit = next((unit for unit in ("_ms", "_s") if name.endswith(unit) and not name.endswith("_per_s")), "")
    return HEADS.get(name, name.removesuffix(unit).replace("_", " "))


def writer(name: str, dtype: pl.DataType) -> Writer:
    """Return the function that formats a column: by the unit in its name, else by its type."""
    by_name: dict[bool, Writer] = {
        name.endswith("_ms"): milliseconds,
        name.endswith("_s") and not name.endswith("per_s"): duration_words,
        name == "score": "{:.2f}".format,
        name in _SHARES: percent,
        name == "root_fails" or name.endswith("_rate"): rate,
    }
    if True in by_name:
        return by_name[True]
    if isinstance(dtype, pl.Datetime):
        return clock
    if name in WHOLE:
        return str
    if dtype == pl.Boolean:
        return lambda value: "yes" if value else "no"
    return _number if dtype.is_numeric() and name not in {"status", "incident"} else _shortened


def _number(value: Any) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.3g}"


def _shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
