"""Build the column `extra`: everything a format has besides REQUESTS, as the text of one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import msgspec
import polars as pl

from incident_kit.read.values.rewriting import rewrite_matching

# The column with the rest of a JSON line once the known values are taken out: its members, without the
# braces.
REST_OF_OBJECT = "rest of object"
OBJECT_DECODER = msgspec.json.Decoder(dict[str, msgspec.Raw])
# Characters that JSON strings must escape.
UNSAFE = r'["\\\x00-\x1f]'


def json_object(
    values: Mapping[str, tuple[pl.Expr, pl.DataType]],
    raw_json: Mapping[str, pl.Expr],
    members: Sequence[pl.Expr] = (),
) -> pl.Expr:
    """Return a JSON object of the values that are not null; null if all are.

    `values` come with their types. `raw_json` are values that are JSON already, `members` are
    texts of further members.
    """
    encoded = {name: _encoded(value, dtype) for name, (value, dtype) in values.items()}
    parts = [
        pl.concat_str(pl.lit(json.dumps(name, ensure_ascii=False) + ":"), value)
        for name, value in (encoded | dict(raw_json)).items()
    ]
    parts += members
    if not parts:
        return pl.lit(None, dtype=pl.String)
    joined = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(pl.format("{{{}}}", joined))


def members_of(texts: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the text of the members of texts that are not null, without braces; null if all are."""
    object_of = json_object({name: (text, pl.String()) for name, text in texts.items()}, {})
    return object_of.str.slice(1).str.strip_suffix("}")


def members_of_extra() -> pl.Expr:
    """Return the text of the members of an `extra` that this reader made, null if it has none."""
    return pl.col("extra").str.extract(r"(?s)^\{(.+)\}$")


def members_of_read_extra() -> pl.Expr:
    """Return the text of the members of an `extra` that a file held, which may be damaged, or null.

    One that is no object is kept as the text of a member.
    """
    return pl.col("extra").map_batches(
        lambda texts: pl.Series(texts.name, [_members(text) for text in texts], dtype=pl.String),
        return_dtype=pl.String,
        is_elementwise=True,
    )


def _members(extra: str | None) -> str | None:
    if extra is None:
        return None
    try:
        OBJECT_DECODER.decode(extra)
    except (msgspec.DecodeError, RecursionError):
        return f'"extra":{json.dumps(extra, ensure_ascii=False)}'
    return extra.strip()[1:-1].strip() or None


def _encoded(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return values as JSON text; null stays null."""
    if dtype.is_numeric():
        return value.cast(pl.String)
    text = value.dt.to_string("iso:strict") if dtype.is_temporal() else value.cast(pl.String)
    return pl.concat_str(pl.lit('"'), rewrite_matching(text, UNSAFE, _escaped), pl.lit('"'))


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
