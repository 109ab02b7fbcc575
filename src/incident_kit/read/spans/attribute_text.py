"""Attributes as text: one JSON object of texts a span."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import polars as pl

MEMBER_NAME = r'"(?:[^"\\]|\\.)*":'


def attributes_json(attributes: Mapping[str, Any]) -> str:
    """Return attributes as one JSON object of texts."""
    return orjson.dumps({str(key): as_text(value) for key, value in attributes.items()}).decode()


def as_text(value: Any) -> str:
    """Return a value as text: numbers, truth values, arrays and objects as JSON writes them."""
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def joined(own: pl.Series, inherited: pl.Series) -> pl.Series:
    """Return the members of two columns of JSON objects as one object a row; `own` wins over `inherited`."""
    frame = pl.DataFrame({"own": own, "inherited": inherited})
    together = frame.select(
        pl.when(pl.col("inherited") == "{}")
        .then("own")
        .when(pl.col("own") == "{}")
        .then("inherited")
        .otherwise(pl.col("own").str.strip_suffix("}") + "," + pl.col("inherited").str.strip_prefix("{"))
    ).to_series()
    clash = _shares_a_name(own, inherited)
    pairs = frame.filter(clash).iter_rows()
    merged = [orjson.dumps(orjson.loads(outer) | orjson.loads(inner)).decode() for inner, outer in pairs]
    return together.scatter(clash.arg_true(), merged)


def _shares_a_name(own: pl.Series, inherited: pl.Series) -> pl.Series:
    """Whether a row of `own` has a member that some row of `inherited` has: rarely, and to be merged."""
    names = inherited.unique().str.extract_all(MEMBER_NAME).explode().drop_nulls().unique()
    return own.str.contains_any(names.implode())


def without_members(text: pl.Series, members: Iterable[str]) -> pl.Series:
    """Return JSON objects without the members that patterns (`"name":"value"`) match."""
    left = text.str.replace_all(f"(?:{'|'.join(members)}),?", "")
    return left.str.replace(r",\}$", "}")
