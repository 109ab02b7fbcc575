"""The fields of `extra`, which have no column of their own, as attributes.

Example: `{"tenant": "acme", "request_time": "0.183"}` gives the attribute `tenant`. The time is a
measurement: it would separate slow requests by how long they took.
"""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl

SEEN_FIRST = 1_000
"""Number of requests in which the fields of `extra` are looked for: every line of a format has the same."""

MEASUREMENT = re.compile(r"\d+\.\d{3,}(?: |$)|\d{4}-\d\d-\d\d[T ]\d\d:", re.ASCII)
"""Fields that hold seconds with their thousandths, or times. They would separate slow requests by how long
they took, or when they came."""

SIZES = frozenset({"upstream_response_length", "upstream_bytes_received", "upstream_bytes_sent"})
"""Fields in which nginx writes a size for each attempt. Their lists are as long as those of the upstreams, so
they would explain failures by the fact that a request was tried again."""

PLAIN_NAME = re.compile(r"[^\"\\\x00-\x1f]+")
"""A name that may stand between the quotes of a JSON path, because a client may choose the names that are
logged."""


def extra_fields(requests: pl.DataFrame) -> dict[str, pl.Expr]:
    """Return an expression for each field of `extra` that holds a plain value and is no measurement."""
    fields, measured = dict[str, None](), set[str]()
    for text in requests["extra"].drop_nulls().head(SEEN_FIRST):
        for name, value in _members(text).items():
            if isinstance(value, str) and MEASUREMENT.match(value):
                measured.add(name)
            elif isinstance(value, str | int | bool):
                fields[name] = None
    return {
        name: pl.col("extra").str.json_path_match(f'$["{name}"]')
        for name in fields
        if name not in measured | SIZES and PLAIN_NAME.fullmatch(name)
    }


def _members(text: str) -> dict[str, Any]:
    """Return the fields of a JSON object, with integers as text; none if it is nested too deeply."""
    try:
        members: dict[str, Any] = json.loads(text, parse_int=str)
    except RecursionError:
        return {}
    return members
