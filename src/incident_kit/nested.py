"""Values in objects within objects: find the keys that lead to them, and read them from a column of JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

Keys = tuple[str, ...]
"""The keys that lead to a value, outermost first."""


def leaves(value: Any, outer: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield the keys that lead to each value in an object that is no object itself, and the value."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, dict):
            yield from leaves(inner, (*outer, key))
        else:
            yield (*outer, key), inner


def value_at(keys: Sequence[str], column: str) -> pl.Expr:
    """Return the value that keys without quotes lead to in a column of JSON objects, as text."""
    return pl.col(column).str.json_path_match("$" + "".join(f'["{key}"]' for key in keys))
