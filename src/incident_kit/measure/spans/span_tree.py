"""Arrange spans as trees: distinct spans, the row of each parent, and whether the parent waits for the span.

All trace measures build on these arrays. A trace may arrive damaged in any way (missing parents, several
roots, a span delivered twice, a cycle of parents) and still becomes a forest. For example, three spans of one
trace, with parents a <- b and x <- c where x is missing, have the parent rows -1, 0 and -1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias, Union

import numpy as np
import polars as pl
from numpy.typing import NDArray

from incident_kit.measure.arrays.array_types import Bools, Hashes
from incident_kit.measure.spans.database_names import with_database_names
from incident_kit.measure.spans.nanoseconds import Nanoseconds, lengths, starts
from incident_kit.measure.spans.not_awaited import not_awaited
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows, parent_rows, without_cycles
from incident_kit.measure.spans.row_numbers import RowNumbers, row_numbers
from incident_kit.measure.spans.span_keys import deduplicated
from incident_kit.schema import SPANS, AnyFrame, conform

REQUIRED_COLUMNS = ("trace_id", "span_id", "start", "duration_ms")
"""Columns without which there is no tree."""

AnySpans: TypeAlias = Union[AnyFrame, "SpanTree"]
"""Spans that are measured: a frame of SPANS, or the tree already made of one, so that it is made once."""

KINDS = ("server", "client", "internal", "producer", "consumer")


@dataclass(frozen=True)
class SpanTree:
    """Distinct spans with, row by row, the parent's row (-1 for none), start and end in ns.

    `awaited` says whether the parent waited for the span, so that the span's time is part of the parent's.
    """

    spans: pl.DataFrame
    parent: Rows
    awaited: Bools
    start: Nanoseconds
    end: Nanoseconds

    @cached_property
    def roots(self) -> Rows:
        """Row of every trace's root: a span without a parent id, the first to start, then the longest.

        In a trace without a root, the first span whose parent is missing takes its place.
        """
        tops = np.flatnonzero(self.parent == NO_PARENT)
        order = (
            self.spans.select("trace_id", "span_id", orphan=pl.col("parent_span_id").is_not_null())[tops]
            .with_columns(row=tops, start=self.start[tops], end=-self.end[tops])
            .sort("trace_id", "orphan", "start", "end", "span_id")
        )
        first = order.filter(pl.col("trace_id").is_first_distinct())
        return first["row"].to_numpy().astype(np.int64)

    @cached_property
    def trace(self) -> Rows:
        """Number of each row's trace, from 0."""
        code = self.spans.select(pl.col("trace_id").hash(seed=1)).to_series().to_numpy()
        # Spans of one trace are usually adjacent, so only the first of each run is looked up.
        begins = np.flatnonzero(np.append(True, code[1:] != code[:-1])[: len(code)])
        number = np.unique(code[begins], return_inverse=True)[1]
        return np.repeat(number, np.diff(np.append(begins, len(code))))

    @cached_property
    def service(self) -> Hashes:
        """Hash of each row's service. Hashes compare faster than names."""
        return self.spans.select(pl.col("service").hash()).to_series().to_numpy()

    @cached_property
    def named(self) -> RowNumbers:
        """Number of each row's combination of service, name, peer and route, and the combinations."""
        return row_numbers(self.spans, ["service", "name", "peer", "route"])

    @cached_property
    def remote(self) -> Bools:
        """Whether each span belongs to another service than its parent; true for a span without a parent."""
        remote: Bools = (self.service != self.service[self.parent]) | (self.parent == NO_PARENT)
        return remote

    @cached_property
    def kind(self) -> NDArray[np.uint8]:
        """Index of each row's kind in KINDS; `len(KINDS)` for any other kind."""
        kind = np.full(len(self.parent), len(KINDS), dtype=np.uint8)
        for number, name in enumerate(KINDS):
            kind[(self.spans["kind"] == name).fill_null(value=False).to_numpy()] = number
        return kind

    def of_kind(self, *kinds: str) -> Bools:
        """Return whether each span has one of these kinds."""
        wanted = np.array([name in kinds for name in (*KINDS, None)])
        of_kind: Bools = wanted[self.kind]
        return of_kind

    def below(self, *kinds: str) -> Bools:
        """Return whether each span's parent has one of these kinds."""
        below: Bools = self.of_kind(*kinds)[self.parent] & (self.parent != NO_PARENT)
        return below

    def has_child(self, chosen: Bools | None = None) -> Bools:
        """Return whether each span has a span right below it, or a chosen one."""
        below = self.parent != NO_PARENT
        has_child = np.zeros(len(self.parent), dtype=bool)
        has_child[self.parent[below if chosen is None else below & chosen]] = True
        return has_child

    def filter(self, kept: Bools) -> SpanTree:
        """Return the tree of the selected spans. A span whose parent is not selected becomes a top."""
        if kept.all():
            return self
        number = np.append(np.cumsum(kept) - 1, NO_PARENT)
        parent = np.where(kept[self.parent] & (self.parent != NO_PARENT), number[self.parent], NO_PARENT)[
            kept
        ]
        awaited = self.awaited[kept] & (parent != NO_PARENT)
        return SpanTree(self.spans.filter(kept), parent, awaited, self.start[kept], self.end[kept])

    def shifted(self, by: Nanoseconds) -> SpanTree:
        """Return the same tree with each span moved in time by `by`, in ns."""
        return replace(self, start=self.start + by, end=self.end + by)

    def of_parent(self, column: str) -> pl.Series:
        """Return the value of a column in each span's parent, null without a parent."""
        rows = pl.Series(self.parent, dtype=pl.Int64).replace(NO_PARENT, None)
        return self.spans[column].gather(rows)


def span_tree(spans: AnySpans) -> SpanTree:
    """Return the forest of a frame of SPANS. An argument that already is a `SpanTree` is returned unchanged.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    if isinstance(spans, SpanTree):
        return spans
    frame = conform(spans, SPANS, required=REQUIRED_COLUMNS)
    once, keys = deduplicated(frame)
    once = with_database_names(once)
    start, length = starts(once), lengths(once)
    parent = without_cycles(parent_rows(keys), start, keys.own)
    awaited = (parent != NO_PARENT) & ~not_awaited(once, parent)
    return SpanTree(once, parent, awaited, start, start + length)
