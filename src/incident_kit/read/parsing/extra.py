"""What a format has besides REQUESTS, as one JSON object of text."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

# The column of what is left of a JSON line once the known values are taken out: members without the braces.
REST_OF_OBJECT = "rest of object"


def json_object(
    values: Mapping[str, pl.Expr], raw_json: Mapping[str, pl.Expr], members: pl.Expr | None = None
) -> pl.Expr:
    """Return the JSON object of the values that are not null; null where none is.

    `raw_json` are values that are JSON already, `members` further members as they stand.
    """
    parts = [_member(name, value) for name, value in values.items()]
    parts += [pl.lit(json.dumps(name) + ":") + value for name, value in raw_json.items()]
    parts += [] if members is None else [members]
    if not parts:
        return pl.lit(None, dtype=pl.String)
    joined = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(pl.format("{{{}}}", joined))


def _member(name: str, value: pl.Expr) -> pl.Expr:
    """Return `"name":value` with the value in JSON, null where the value is null."""
    encoded = pl.struct(value.alias(name)).struct.json_encode()
    member = encoded.str.slice(1, encoded.str.len_chars() - 2)
    return pl.when(value.is_not_null()).then(member)
