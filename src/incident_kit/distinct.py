"""Dictionary encoding: find the distinct values of a column, so that work is done once for each of them.

The column `["/a", "/b", "/a"]` becomes the values `["/a", "/b"]` and the codes `[0, 1, 0]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import polars as pl

# The first rows decide whether a column repeats. If more than this share of them is distinct, finding the
# distinct values costs about what it saves.
SAMPLED_ROWS = 8_192
MAX_DISTINCT_SHARE = 0.6
# A text cache with more texts than this starts afresh: looking texts up would cost more than the work.
MAX_CACHED = 150_000


@dataclass(frozen=True)
class Encoded:
    """A dictionary-encoded column: its distinct `values`, and each row's index into them (null for null)."""

    values: pl.Series
    codes: pl.Series


def repeats(column: pl.Series, max_distinct: float = MAX_DISTINCT_SHARE) -> bool:
    """Return whether a column repeats enough for dictionary encoding to pay."""
    beginning = column.head(SAMPLED_ROWS)
    return beginning.n_unique() <= max_distinct * len(beginning)


def categories() -> pl.Categorical:
    """Return a new categorical type; one type shared by all columns would grow with all logs read."""
    return pl.Categorical(pl.Categories.random())


def dictionary_encode(column: pl.Series) -> Encoded:
    """Dictionary-encode a column of text, Categorical or small whole numbers.

    `values` may hold nulls that no row refers to.
    """
    if column.dtype.is_integer():
        return _counted_out(column)
    categorical = column.cast(categories()) if column.dtype == pl.String else column
    codes = categorical.to_physical().rechunk()
    distinct = categorical.unique().drop_nulls()
    count = int(distinct.to_physical().to_numpy().max(initial=0)) + 1
    values = pl.Series(column.name, [None], dtype=pl.String).new_from_index(0, count)
    return Encoded(values.scatter(distinct.to_physical(), distinct.cast(pl.String)), codes)


def _counted_out(numbers: pl.Series) -> Encoded:
    """Encode whole numbers by their distance from the smallest."""
    known = numbers.drop_nulls().to_numpy()
    least, most = (int(known.min()), int(known.max())) if len(known) else (0, -1)
    values = pl.Series(numbers.name, range(least, most + 1), dtype=numbers.dtype)
    return Encoded(values, (numbers.cast(pl.Int64) - least).cast(pl.UInt32))


def per_distinct(column: pl.Series, **made: pl.Expr) -> pl.DataFrame:
    """Return columns made from one column of text alone, computed once for each distinct value."""
    known = dictionary_encode(column)
    return known.values.to_frame().select(**made)[known.codes]


class TextCache:
    """A cache from the distinct texts seen so far in one column to the rows computed from them.

    The blocks of a log repeat the same texts, so the cache is kept for the blocks that follow. It is
    thread-safe: a lock lets one thread at a time look texts up, and all threads share what it holds.
    """

    def __init__(self, work: Callable[[pl.Series], pl.DataFrame]) -> None:
        self._work = work
        self._news = 0.0
        self._turn = Lock()
        self._forget()

    def _forget(self) -> None:
        # Polars frees the categories once no column has their type, so keep an empty one.
        self._none = pl.Series(dtype=categories())
        self._rows = self._work(pl.Series(dtype=pl.String))

    def __len__(self) -> int:
        return self._rows.height

    @property
    def pays(self) -> bool:
        """Whether most of the texts last looked up were cached already, or repeated each other."""
        return self._news <= MAX_DISTINCT_SHARE

    def look_up(self, column: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
        """Return the rows of all cached texts, and for each value of the column the index of its row.

        Nulls have a null index.
        """
        with self._turn:
            if len(self) > MAX_CACHED:
                self._forget()
            places = column.cast(self._none.dtype).to_physical().rechunk()
            known, last = len(self), places.max()
            if isinstance(last, int) and last >= known:
                self._learn(pl.int_range(known, last + 1, dtype=pl.UInt32, eager=True))
            self._news = (len(self) - known) / max(1, len(column))
            return self._rows, places

    def _learn(self, places: pl.Series) -> None:
        """Compute and cache the rows of the texts with those codes."""
        news = places.cat.to(self._none.dtype).cast(pl.String)
        self._rows = self._rows.vstack(self._work(news)).rechunk()
