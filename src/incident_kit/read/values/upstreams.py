"""Upstream attempts: nginx writes an address, a status and a time for each, as lists.

A comma stands before the next server tried, a colon between blanks before a server of another group. The
addresses `10.0.0.1:80, 10.0.0.2:80`, statuses `502, 200` and times `0.100, 0.250` are two attempts.
"""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl

from incident_kit.read.values.converters import BLANKS, text, whole
from incident_kit.read.values.durations import milliseconds

SEPARATOR = r", ?| : "
# Servers write ASCII digits only.
WHOLE, SECONDS = re.compile(r"[0-9]{1,9}"), re.compile(r"[0-9]{1,9}(?:\.[0-9]*)?")
LISTS = ("upstream_addrs", "upstream_statuses", "upstream_times")


def plain_attempt() -> dict[str, pl.Expr]:
    """Return the columns of a single upstream attempt; its time is in seconds."""
    return {
        "upstream_addr": text(pl.col("upstream_addrs")),
        "upstream_status": whole(pl.col("upstream_statuses")),
        "upstream_duration_ms": milliseconds(1000)(pl.col("upstream_times")),
        "upstream_attempts": pl.when(pl.any_horizontal(pl.col(name).is_not_null() for name in LISTS)).then(1),
    }


def listed_attempts() -> dict[str, pl.Expr]:
    """Return the columns of any number of attempts: the last one's address and status, the sum of the times.

    `attempts` is a JSON list of `{"addr", "status", "ms"}`, null if there was only one attempt.
    """
    addresses, statuses, times = (pl.col(name) for name in LISTS)
    parts = times.str.replace_all(SEPARATOR, ",").str.split(",")
    number = milliseconds(1000)(pl.element())
    sums = parts.list.eval(number).list.drop_nulls()
    count = pl.max_horizontal(one.str.count_matches(SEPARATOR) for one in (addresses, statuses, times)) + 1
    return {
        "upstream_addr": text(_last(addresses)),
        "upstream_status": whole(_last(statuses)),
        "upstream_duration_ms": pl.when(sums.list.len() > 0).then(sums.list.sum().round(6)),
        "upstream_attempts": count.cast(pl.Int16, strict=False),
        "attempts": pl.struct(LISTS).map_batches(_describe_attempts, return_dtype=pl.String),
    }


def _last(values: pl.Expr) -> pl.Expr:
    return values.str.extract(rf"([^,{BLANKS}]+)$")


def _describe_attempts(lists: pl.Series) -> pl.Series:
    """Return the JSON list of attempts for the rows that have several."""
    frame = lists.struct.unnest()
    several = pl.any_horizontal(pl.col(LISTS).str.contains(SEPARATOR).fill_null(value=False))
    rows = frame.select(several).to_series().arg_true()
    described = pl.Series("attempts", [None] * len(frame), dtype=pl.String)
    if rows.is_empty():
        return described
    return described.scatter(rows, [json.dumps(_attempts(row)) for row in frame[rows].iter_rows()])


def _attempts(row: tuple[str | None, ...]) -> list[dict[str, Any]]:
    addresses, statuses, times = ((cell or "").replace(" : ", ",").split(",") for cell in row)
    count = max(len(addresses), len(statuses), len(times))
    padded = (
        ([part.strip() for part in cell] + ["-"] * count)[:count] for cell in (addresses, statuses, times)
    )
    return [
        {
            "addr": address if address not in ("-", "") else None,
            "status": int(status) if WHOLE.fullmatch(status) else None,
            "ms": round(float(time) * 1000, 6) if SECONDS.fullmatch(time) else None,
        }
        for address, status, time in zip(*padded, strict=True)
    ]
