"""Find members of decoded records, and turn them into columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl


def member_at(record: Any, path: Sequence[str]) -> Any:
    """Return the member of a record at a path of keys; None if there is none."""
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def renamed(record: Any, names: Mapping[tuple[str, ...], str]) -> dict[str, Any]:
    """Return the members of a record at paths of keys under other names, as far as it has them."""
    return {name: value for path, name in names.items() if (value := member_at(record, path)) is not None}


def texts(members: Sequence[Any]) -> pl.Series:
    """Return texts as a column; numbers become texts."""
    return pl.Series(members, dtype=pl.String, strict=False)


def raw(members: Sequence[bytes]) -> pl.Series:
    """Return raw JSON (msgspec's `Raw`) as a column of bytes."""
    if not any(members):
        return pl.Series([b""], dtype=pl.Binary).new_from_index(0, len(members))
    return pl.Series([bytes(each) for each in members], dtype=pl.Binary)
