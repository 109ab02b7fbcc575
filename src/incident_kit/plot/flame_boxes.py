"""Where the boxes of a flame graph lie: stacks of operations laid out from left to right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import polars as pl

NARROWEST_SHARE = 0.002  # of the root's width; what is narrower cannot be seen


@dataclass(frozen=True)
class Box:
    """A stack as it is drawn: where it begins, how wide it is, what changed, which side alone has it."""

    stack: tuple[str, ...]
    left: float
    width: float
    change: float
    only: str | None

    @property
    def service(self) -> str:
        """The service whose operation lies on top of the stack."""
        return self.stack[-1].partition(": ")[0]


def boxes_of(stacks: pl.DataFrame) -> list[Box]:
    """Lay the stacks out: every box begins where its elder sibling ends, the first where its parent does."""
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
    """Return how deep the deepest stack is."""
    return max(len(box.stack) for box in boxes)


def span(boxes: list[Box]) -> float:
    """Return how wide all of them are together: the sum of the roots."""
    return sum(box.width for box in boxes if len(box.stack) == 1)
