"""How columns come of values: steps of expressions, each on the columns before it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import polars as pl

from incident_kit.read.sources.block import Block

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

    def pruned(self) -> Plan:
        """Return the plan without the columns that nothing needs."""
        needed, kept = set(self.wanted), list[Step]()
        for step in reversed(self.steps):
            used = {name: made for name, made in step.items() if name in needed}
            needed = (needed - used.keys()) | {
                root for made in used.values() for root in made.meta.root_names()
            }
            kept.append(used)
        return replace(self, steps=tuple(filter(None, reversed(kept))))

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


class FastWay(Protocol):
    """A way of reading that keeps what it learns from block to block, in any thread."""

    @property
    def categorised(self) -> int:
        """How many texts it has made categories of, at most."""
        ...

    def read(self, block: Block) -> pl.DataFrame | None:
        """Return the wanted columns of the lines that are proven; None if the block is not for it."""
        ...
