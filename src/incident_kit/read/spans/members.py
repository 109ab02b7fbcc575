"""Turn members of decoded records into columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl


def texts(members: Sequence[Any]) -> pl.Series:
    """Return texts as a column; numbers become texts."""
    return pl.Series(members, dtype=pl.String, strict=False)


def raw(members: Sequence[bytes]) -> pl.Series:
    """Return raw JSON (msgspec's `Raw`) as a column of bytes."""
    if not any(members):
        return pl.Series([b""], dtype=pl.Binary).new_from_index(0, len(members))
    return pl.Series([bytes(each) for each in members], dtype=pl.Binary)
