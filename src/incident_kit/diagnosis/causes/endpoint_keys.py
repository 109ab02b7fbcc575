"""A key that an endpoint has in common in log and traces, which name its placeholders differently."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.calls.root_requests import NO_METHOD

COLONS, BRACKETS = r"/:\w+", r"\{[^}/]*\}|<[^>/]*>"
"""How frameworks write a placeholder: `/users/:id`; `/users/{id}`, `/users/<int:id>`."""


def endpoint_key() -> pl.Expr:
    """Return the expression on [method, route] that is the same for `GET /users/{id}` and `get /users/:user`.

    A span without a method attribute has the method in its name, which then serves as its route.
    """
    named = pl.when(pl.col("method") == NO_METHOD).then(pl.lit("")).otherwise(pl.col("method") + " ")
    route = pl.col("route").str.replace_all(COLONS, "/{}").str.replace_all(BRACKETS, "{}")
    return (named + route).str.to_lowercase()
