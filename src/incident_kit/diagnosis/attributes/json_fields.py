"""The fields of a JSON column as attributes: `extra` of a log's line, or the attributes of a request's span.

Example: `{"tenant": "acme", "kubernetes": {"pod_name": "web-2"}, "request_time": "0.183"}` gives the
attributes `tenant` and `kubernetes.pod_name`. The time is a measurement: it would separate slow requests by
how long they took.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from incident_kit.nested import Keys, leaves, value_at
from incident_kit.sensitive import names_a_secret

SAMPLED = 500
"""Number of requests of each kind (before, during, bad) in which fields are looked for."""

MEASUREMENT = re.compile(r"\d+\.\d{3,}(?: |$)|\d{4}-\d\d-\d\d[T ]\d\d:", re.ASCII)
"""Fields that hold seconds with their thousandths, or times. They would separate slow requests by how long
they took, or when they came."""

SIZES = frozenset({"upstream_response_length", "upstream_bytes_received", "upstream_bytes_sent"})
"""Fields in which nginx writes a size for each attempt. Their lists are as long as those of the upstreams, so
they would explain failures by the fact that a request was tried again."""

TOLD_ALREADY = re.compile(
    r"http\.(request\.method|method|route|target|url|(response\.)?status_code|host|flavor|user_agent|client_ip|"
    r"scheme)|url\..*|(server|client|network|net)\..*|user_agent\.original|service\.name|otel\..*|telemetry\..*|"
    r"error|error\..*|exception\..*|rpc\.grpc\.status_code"
)
"""Attributes of spans that a column of REQUESTS holds, or that say how a request ended."""

PLAIN_NAME = re.compile(r"[^\"\\\x00-\x1f]+")
"""A name that may stand between the quotes of a JSON path, because a client may choose the names that are
logged."""


def json_fields(
    column: str, frames: Iterable[pl.DataFrame], leave_out: re.Pattern[str] | None = None
) -> dict[str, pl.Expr]:
    """Return an expression for each field of a JSON column that holds plain values and no measurement.

    A field with the same value in all sampled requests of the `frames` tells nothing apart. Names that match
    `leave_out` are left out.
    """
    texts = [text for frame in frames for text in _sample(frame[column])]
    values, measured = dict[Keys, list[str]](), set[Keys]()
    for text in texts:
        for keys, value in members(text):
            if isinstance(value, str) and MEASUREMENT.match(value):
                measured.add(keys)
            elif isinstance(value, str | int | bool):
                values.setdefault(keys, []).append(str(value))
    return {
        name: value_at(keys, column)
        for keys, known in values.items()
        if len({*known}) > 1 or len(known) < len(texts)
        if keys not in measured and (name := ".".join(keys)) not in SIZES and _may_be_told(name)
        if leave_out is None or not leave_out.fullmatch(name)
    }


def _may_be_told(name: str) -> bool:
    is_secret = names_a_secret(name) or names_a_secret(name.replace(".", "_"))
    return bool(PLAIN_NAME.fullmatch(name)) and not is_secret


def _sample(texts: pl.Series) -> list[str]:
    return texts.drop_nulls().gather_every(max(1, len(texts) // SAMPLED)).to_list()


def members(text: str) -> list[tuple[Keys, Any]]:
    """Return the keys that lead to each value of a JSON object, and the value, with integers as text.

    None if it is no object, or nested too deeply. A frame that the user made may hold any text.
    """
    try:
        return list(leaves(json.loads(text, parse_int=str)))
    except (ValueError, RecursionError):
        return []
