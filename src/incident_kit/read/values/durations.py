"""Read durations, as servers write them, into milliseconds; an impossible duration becomes null."""

from __future__ import annotations

import re

import polars as pl

from incident_kit.read.values.converters import NUMBER, Converter
from incident_kit.read.values.rewriting import rewrite_matching
from incident_kit.schema import LONGEST_MS

# Go writes the micro sign (U+00B5), others write the Greek letter (U+03BC).
UNITS_MS = {
    "ns": 1e-6,
    "us": 1e-3,
    "\u00b5s": 1e-3,
    "\u03bcs": 1e-3,
    "ms": 1.0,
    "s": 1e3,
    "m": 6e4,
    "h": 3.6e6,
}
UNIT = f"({'|'.join(UNITS_MS)})"
# Start only at the first digit: starting at each of a million digits would take hours.
DURATION_PART = re.compile(rf"(?<!\d)(\d++(?:\.\d++)?) ?{UNIT}")
# A duration with its unit: `3.1ms`, `250 ms`, `1m2.5s`, or as ISO 8601 and Java write it, `PT1M2.5S`.
DURATION_WITH_UNIT = rf"^(?:(?:[0-9]+(?:\.[0-9]+)? ?{UNIT})+|PT(?:[0-9]+(?:\.[0-9]+)?[HMS])+)$"


def milliseconds(per_unit: float) -> Converter:
    """Return a converter of durations in units of `per_unit` milliseconds; impossible durations become null.

    Values are rounded to nanoseconds: 0.057 s is 57 ms, not 57.00000000000001.
    """
    return lambda value: _possible(value.cast(pl.Float64, strict=False) * per_unit)


def _possible(duration_ms: pl.Expr) -> pl.Expr:
    return pl.when(duration_ms.is_between(0, LONGEST_MS)).then(duration_ms.round(6))


def unit_duration(value: pl.Expr) -> pl.Expr:
    """Return the milliseconds of a duration with a unit, `0.123s`, `1.5µs`, `1m2.5s`; else null."""
    single = rewrite_matching(value, r"^\d+[hm]\d|^PT\d", _summed_up)
    number = single.str.extract(rf"^(\d+(?:\.\d+)?) ?{UNIT}$").cast(pl.Float64, strict=False)
    unit = single.str.extract(rf"{UNIT}$").replace_strict(UNITS_MS, default=None, return_dtype=pl.Float64)
    return _possible(number * unit)


def with_or_without_unit(per_unit: float) -> Converter:
    """Return a converter of durations in their own unit (`250ms`), or without one in `per_unit` ms."""
    return lambda value: pl.coalesce(unit_duration(value), milliseconds(per_unit)(value))


def _summed_up(duration: str) -> str:
    """Convert a duration of several parts, as Go or ISO 8601 writes it, to milliseconds."""
    duration = duration.removeprefix("PT").lower() if duration.startswith("PT") else duration
    if DURATION_PART.sub("", duration):
        return duration
    return f"{sum(float(part) * UNITS_MS[unit] for part, unit in DURATION_PART.findall(duration))}ms"


def summed_seconds(value: pl.Expr) -> pl.Expr:
    """Return the sum, in milliseconds, of a list of seconds; null if none of them is a number."""
    parts = value.str.extract_all(NUMBER)
    total = parts.list.eval(pl.element().cast(pl.Float64)).list.sum()
    return pl.when(parts.list.len() > 0).then(_possible(total * 1000))
