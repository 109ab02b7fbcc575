"""Lay out a flame graph: one box per stack of operations, children side by side under their parent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import polars as pl

NARROWEST_SHARE = 0.002  # of the sum of the roots; a narrower box would be invisible


@dataclass(frozen=True)
class Box:
    """The box of one stack: its place, its change, and `only`, the one side that has it (None for both)."""

    stack: tuple[str, ...]
    left: float
    width: float
    change: float
    only: str | None

    @property
    def service(self) -> str:
        """The service of the innermost operation."""
        return self.stack[-1].partition(": ")[0]


def boxes_of(stacks: pl.DataFrame) -> list[Box]:
    """Return the boxes: each begins where its sibling before it ends, or its parent begins."""
    seen = [column for column in ("difference_ms", "only") if column in stacks.columns]
    rows = (
        stacks.filter(pl.col("width") > 0)
        .sort(pl.col("stack").list.len(), "stack")
        .select("stack", "width", *seen)
    )
    edge: dict[tuple[str, ...], float] = defaultdict(float)
    narrowest = NARROWEST_SHARE * sum(
        row["width"] for row in rows.iter_rows(named=True) if len(row["stack"]) == 1
    )
    boxes = []
    for row in rows.iter_rows(named=True):
        stack = tuple(row["stack"])
        left = edge[stack[:-1]]
        edge[stack[:-1]] = left + row["width"]
        edge[stack] = left
        if row["width"] >= narrowest:
            boxes.append(Box(stack, left, row["width"], row.get("difference_ms") or 0.0, row.get("only")))
    return boxes


def levels(boxes: list[Box]) -> int:
    """Return the depth of the deepest stack."""
    return max(len(box.stack) for box in boxes)


def span(boxes: list[Box]) -> float:
    """Return the total width: the sum of the roots."""
    return sum(box.width for box in boxes if len(box.stack) == 1)
