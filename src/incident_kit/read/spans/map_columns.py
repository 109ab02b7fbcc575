"""Turn a table's columns of maps, in each of the types they may have, into JSON objects of texts.

For example Parquet's list of `{key, value}` structs, a struct, or ClickHouse's text `{'http.method':'GET'}`
all become `{"http.method":"GET"}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import polars as pl

from incident_kit.read.spans.attribute_lists import FLAT_OBJECT, ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import attributes_json

PAIR = re.compile(r"'((?:[^'\\]|\\.)*)':'((?:[^'\\]|\\.)*)'")
PAIR_LIST = ListSyntax(before_value=(',"value":',), closing="}", value=lambda pair: pair.get("value"))
# The type in which Parquet's maps of texts are read.
TEXT_MAP = pl.List(pl.Struct({"key": pl.String, "value": pl.String}))
# Characters that JSON writes in another way than ClickHouse.
ESCAPED = r'["\\\x00-\x1f]'


def map_objects(column: pl.Series) -> pl.Series:
    """Return one JSON object of texts a row for a column of maps or structs, or of either as text."""
    if column.dtype == TEXT_MAP:
        return attribute_objects(as_json(column).replace("null", "[]"), PAIR_LIST)
    if isinstance(column.dtype, pl.Struct):
        return _struct_objects(column)
    if column.dtype.is_nested():
        if not _holds_pairs(column.dtype):
            return value_objects(as_json(column).replace(["null", "[]"], None))
        return pl.Series([attributes_json(map_members(value)) for value in column.to_list()], dtype=pl.String)
    text = column.fill_null("{}").replace("", "{}")
    # ClickHouse prints a map with single quotes, and escapes a quote inside with a backslash.
    is_simple = ~text.str.contains(ESCAPED)
    return _exact(text.str.replace_all("'", '"', literal=True).zip_with(is_simple, text), members_of_text)


def _holds_pairs(dtype: pl.DataType) -> bool:
    """Return whether a list type is a map: its items are keys and values, or every list is empty."""
    inner = dtype.inner if isinstance(dtype, pl.List | pl.Array) else pl.Null()
    return inner == pl.Null or (isinstance(inner, pl.Struct) and {"key", "value"} <= {*inner.to_schema()})


def value_objects(column: pl.Series) -> pl.Series:
    """Return one JSON object a row with a column's value under the column's name; without a value, `{}`."""
    return _struct_objects(column.to_frame().to_struct())


def _struct_objects(column: pl.Series) -> pl.Series:
    """Return structs as JSON objects without the fields that are null."""
    if not column.struct.fields:  # every map is empty
        return pl.Series(column.name, ["{}"]).new_from_index(0, len(column))
    members = pl.concat_str(map(_member, column.struct.unnest()), separator=",", ignore_nulls=True)
    return pl.select(("{" + members + "}").alias(column.name)).to_series()


def _member(field: pl.Series) -> pl.Series:
    text = as_json(field) if field.dtype.is_nested() else field.cast(pl.String)
    name = orjson.dumps(field.name).decode()
    return (f"{name}:" + as_json(text)).set(field.is_null(), None)


def as_json(column: pl.Series) -> pl.Series:
    """Return the JSON of each value of a column."""
    whole = column.alias("held").to_frame().select(pl.struct("held").struct.json_encode()).to_series()
    return whole.str.strip_prefix('{"held":').str.head(-1).alias(column.name)


def _exact(objects: pl.Series, members: Callable[[str], Any]) -> pl.Series:
    """Return objects unchanged if they are flat objects of texts; build the others from their `members`."""
    odd = (~objects.str.contains(FLAT_OBJECT)).arg_true()
    parsed = [attributes_json(map_members(members(objects[row]))) for row in odd]
    return objects.scatter(odd, pl.Series(parsed, dtype=pl.String))


def map_members(value: Any) -> Mapping[str, Any]:
    """Return the members of a map, which is a dict or a list of keys and values."""
    if isinstance(value, list):
        return {str(pair["key"]): pair["value"] for pair in value if pair is not None}
    return {key: held for key, held in (value or {}).items() if held is not None}


def members_of_text(text: str) -> Any:
    """Return the members of a map as ClickHouse prints it, `{'key':'value'}`, or of a JSON object."""
    try:
        return orjson.loads(text)
    except ValueError:
        return {_unescaped(key): _unescaped(value) for key, value in PAIR.findall(text)}


def _unescaped(text: str) -> str:
    return text.replace("\\'", "'").replace("\\\\", "\\")
