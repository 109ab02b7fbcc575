"""A plan: the steps of expressions that turn raw values into columns.

Each step reads the columns of the steps before it. For a request line they are, shortened:

    {"method": ..., "target": ...}    from `request`
    {"path": ..., "query": ...}       from `target`
    {"route": ...}                    from `path`
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import polars as pl

from incident_kit.read.sources.block import Block

Step = dict[str, pl.Expr]


@dataclass(frozen=True)
class Plan:
    """The steps that make columns, and the columns that are wanted at the end.

    Every expression looks at one line at a time, except for the columns `in_order`, which need all lines in
    the order of the log.
    """

    steps: tuple[Step, ...]
    wanted: tuple[str, ...]
    in_order: frozenset[str] = field(default=frozenset())

    def pruned(self) -> Plan:
        """Return the plan without the columns that no wanted column depends on."""
        needed, kept = set(self.wanted), list[Step]()
        for step in reversed(self.steps):
            used = {name: made for name, made in step.items() if name in needed}
            needed = (needed - used.keys()) | {
                root for made in used.values() for root in made.meta.root_names()
            }
            kept.append(used)
        return replace(self, steps=tuple(filter(None, reversed(kept))))

    def carry_out(self, values: pl.LazyFrame) -> pl.LazyFrame:
        """Return the wanted columns, computed from raw values."""
        return with_steps(values, self.steps).select(self.wanted)


def with_steps(values: pl.LazyFrame, steps: Sequence[Step]) -> pl.LazyFrame:
    """Add the columns of every step, one step after the other."""
    for step in steps:
        values = values.with_columns(**step)
    return values


Planner = Callable[[Collection[str]], Plan]
"""Returns the plan for a format, given the names of the raw value columns that exist."""


class FastPath(Protocol):
    """A fast path: reads blocks in any thread and keeps its caches from block to block."""

    @property
    def encoded_texts(self) -> int:
        """Upper bound on the number of distinct texts it has dictionary-encoded."""
        ...

    def read(self, block: Block) -> pl.DataFrame | None:
        """Return the wanted columns of the proven lines; None if the fast path cannot read the block."""
        ...
