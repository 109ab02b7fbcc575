"""Text that repeats: its distinct values and where they stand, so that work on it is done once for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import polars as pl

# Repetition is judged by the first rows; if more of them differ than this share, telling values apart costs
# about what it saves.
LOOKED_AT = 8_192
MOST_DISTINCT = 0.6
# More texts than these are not remembered: looking them up would cost more than working on them.
MOST_KNOWN = 150_000


@dataclass(frozen=True)
class Coded:
    """A column of text as `values` and, for every row, the place of its own among them (null for null)."""

    values: pl.Series
    places: pl.Series


def repeats(column: pl.Series, most_distinct: float = MOST_DISTINCT) -> bool:
    """Return whether a column's values repeat so much that coding it pays."""
    beginning = column.head(LOOKED_AT)
    return beginning.n_unique() <= most_distinct * len(beginning)


def categories() -> pl.Categorical:
    """Return a type of categories of its own: those that all columns share would grow with all logs read."""
    return pl.Categorical(pl.Categories.random())


def coded(column: pl.Series) -> Coded:
    """Tell the values of a column of text, Categorical or small whole numbers apart.

    `values` may hold nulls that no row has.
    """
    if column.dtype.is_integer():
        return _counted_out(column)
    told_apart = column.cast(categories()) if column.dtype == pl.String else column
    places = told_apart.to_physical().rechunk()
    distinct = told_apart.unique().drop_nulls()
    count = int(distinct.to_physical().to_numpy().max(initial=0)) + 1
    values = pl.Series(column.name, [None], dtype=pl.String).new_from_index(0, count)
    return Coded(values.scatter(distinct.to_physical(), distinct.cast(pl.String)), places)


def _counted_out(numbers: pl.Series) -> Coded:
    """Let whole numbers be their own places, counted from the smallest."""
    known = numbers.drop_nulls().to_numpy()
    least, most = (int(known.min()), int(known.max())) if len(known) else (0, -1)
    values = pl.Series(numbers.name, range(least, most + 1), dtype=numbers.dtype)
    return Coded(values, (numbers.cast(pl.Int64) - least).cast(pl.UInt32))


def once_each(column: pl.Series, **made: pl.Expr) -> pl.DataFrame:
    """Return columns made of one column of text alone, worked out once for each of its distinct values."""
    known = coded(column)
    return known.values.to_frame().select(**made)[known.places]


class Lexicon:
    """The distinct texts that one column has had so far, and what was worked out for each of them.

    A log's blocks say the same again and again, so what is known of a text is kept for the blocks that
    follow. For many threads, of which one at a time looks texts up: what one learns, the others know.
    """

    def __init__(self, work: Callable[[pl.Series], pl.DataFrame]) -> None:
        self._work = work
        self._news = 0.0
        self._turn = Lock()
        self._forget()

    def _forget(self) -> None:
        # Categories last as long as a column of theirs.
        self._none = pl.Series(dtype=categories())
        self._rows = self._work(pl.Series(dtype=pl.String))

    def __len__(self) -> int:
        return self._rows.height

    @property
    def pays(self) -> bool:
        """Whether most of what was looked up last was known, or the same."""
        return self._news <= MOST_DISTINCT

    def look_up(self, column: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
        """Return the rows of all texts known, and for each value of the column the place of its own there.

        Nulls have no place.
        """
        with self._turn:
            if len(self) > MOST_KNOWN:
                self._forget()
            places = column.cast(self._none.dtype).to_physical().rechunk()
            known, last = len(self), places.max()
            if isinstance(last, int) and last >= known:
                self._learn(pl.int_range(known, last + 1, dtype=pl.UInt32, eager=True))
            self._news = (len(self) - known) / max(1, len(column))
            return self._rows, places

    def _learn(self, places: pl.Series) -> None:
        """Work on the texts at those places."""
        news = places.cat.to(self._none.dtype).cast(pl.String)
        self._rows = self._rows.vstack(self._work(news)).rechunk()
