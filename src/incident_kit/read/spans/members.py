"""Members of decoded records as columns; what was left raw as the text of its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import polars as pl


def texts(records: Sequence[Any], name: str) -> pl.Series:
    """Return a member as a column of texts; a number becomes one."""
    return pl.Series(list(map(attrgetter(name), records)), dtype=pl.String, strict=False)


def raw_texts(records: Sequence[Any], name: str) -> pl.Series:
    """Return a raw member as a column of the text of its JSON, empty where a record lacks it."""
    raw = list(map(attrgetter(name), records))
    if not any(raw):
        return pl.repeat("", len(raw), dtype=pl.String, eager=True)
    return pl.Series(list(map(bytes, raw)), dtype=pl.Binary).cast(pl.String)
