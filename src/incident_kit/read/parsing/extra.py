"""What a format has besides REQUESTS, as one JSON object of text."""

from __future__ import annotations

import json
import re
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
    parts = [_members(values)] if values else []
    parts += [pl.lit(json.dumps(name) + ":") + value for name, value in raw_json.items()]
    parts += [] if members is None else [members]
    if not parts:
        return pl.lit(None, dtype=pl.String)
    joined = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(pl.format("{{{}}}", joined))


def _members(values: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return `"name":value,…` in JSON, without those that are null; null where all are.

    The encoder writes nulls too, so they are taken out again. A text value cannot look like one of them:
    its own quotes have a backslash before them.
    """
    encoded = pl.struct(value.alias(name) for name, value in values.items()).struct.json_encode()
    names = "|".join(re.escape(json.dumps(name)) for name in values)
    bare = encoded.str.replace_all(rf"(?:{names}):null,?", "").str.strip_prefix("{").str.replace(r",?\}$", "")
    return pl.when(bare != "").then(bare)
