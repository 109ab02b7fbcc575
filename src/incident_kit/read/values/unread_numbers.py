"""Keep the text of numbers that cannot be read: `"took":"1,5"` gives no duration, and must not be lost.

Only layouts without a pattern for each value, such as JSON, have them.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from incident_kit.read.values.converters import is_set
from incident_kit.read.values.extra import members_of

NEVER = ("0", "-1")
"""What servers write for a number of something that never happened; their readers make it null."""


def unread_numbers(numbers: Mapping[str, tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    """Return the members of `extra`, as JSON text, for the texts that have no number; null without any.

    `numbers` are, by name, the text that was written and the number that was read.
    """
    lost = [
        pl.when(is_set(raw), ~raw.is_in(NEVER), value.is_null()).then(raw).alias(name)
        for name, (raw, value) in numbers.items()
    ]
    return pl.struct(lost).map_batches(_members, return_dtype=pl.String, is_elementwise=True)


def _members(lost: pl.Series) -> pl.Series:
    """Return the members of each row; nearly always no row has any."""
    texts = lost.struct.unnest()
    written = [text.name for text in texts if text.null_count() < len(text)]
    if not written:
        return pl.Series(lost.name, [None], dtype=pl.String).new_from_index(0, len(lost))
    return texts.select(members_of({name: pl.col(name) for name in written}).alias(lost.name)).to_series()
