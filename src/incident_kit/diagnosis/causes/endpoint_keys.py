"""What an endpoint has in common in a log and in traces: each names its placeholders by itself."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.calls.root_requests import NO_METHOD

COLONS, BRACKETS = r"/:\w+", r"\{[^}/]*\}|<[^>/]*>"
"""How frameworks write a placeholder: `/users/:id`; `/users/{id}`, `/users/<int:id>`."""


def endpoint_key() -> pl.Expr:
    """Return the expression on [method, route] that is the same for `GET /users/{id}` and `get /users/:user`.

    A span whose attributes tell no method has it in its name, and that is then its route.
    """
    named = pl.when(pl.col("method") == NO_METHOD).then(pl.lit("")).otherwise(pl.col("method") + " ")
    route = pl.col("route").str.replace_all(COLONS, "/{}").str.replace_all(BRACKETS, "{}")
    return (named + route).str.to_lowercase()
