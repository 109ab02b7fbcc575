"""How columns come of values: steps of expressions, each on the columns before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import polars as pl

Step = dict[str, pl.Expr]


@dataclass(frozen=True)
class Plan:
    """Steps that make columns, and which of those columns are wanted in the end.

    Every step looks at one line at a time, except for the columns `in_order`, which need all lines in the
    order of the log.
    """

    steps: tuple[Step, ...]
    wanted: tuple[str, ...]
    in_order: frozenset[str] = field(default=frozenset())

    def carry_out(self, values: pl.LazyFrame) -> pl.LazyFrame:
        """Return the wanted columns."""
        return with_steps(values, self.steps).select(self.wanted)


def with_steps(values: pl.LazyFrame, steps: Sequence[Step]) -> pl.LazyFrame:
    """Add the columns of every step, one step after the other."""
    for step in steps:
        values = values.with_columns(**step)
    return values


Planner = Callable[[Collection[str]], Plan]
"""What plans for the columns of values that are there."""
