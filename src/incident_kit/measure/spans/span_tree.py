"""Spans as trees: every span once, the row of its parent, and whether its time lies within the parent's.

The arrays are the ground under every measure of traces. A trace may arrive damaged in any way (missing
parents, several roots, a span delivered twice, a cycle of parents) and still becomes a forest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from incident_kit.measure.arrays.array_types import Bools, Hashes
from incident_kit.measure.spans.left_behind import left_behind
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows, parent_rows, without_cycles
from incident_kit.measure.spans.row_numbers import RowNumbers, row_numbers
from incident_kit.measure.spans.span_keys import each_once
from incident_kit.schema import SPANS, conform

NEEDED = ("trace_id", "span_id", "start", "duration_ms")
"""Without these columns there is no tree."""

LONGEST_MS = 366 * 86_400_000.0
"""A span that says it lasted longer than a year is damaged; the ns of what it says need not fit 64 bits."""

Nanoseconds = NDArray[np.int64]

NS_PER_MS = 1e6

KINDS = ("server", "client", "internal", "producer", "consumer")


@dataclass(frozen=True)
class SpanTree:
    """Spans (each once) with, row by row, the parent's row (-1 without one), start and end in ns.

    `waits` says whether the parent was waiting for the span, so that its time counts as the parent's.
    """

    spans: pl.DataFrame
    parent: Rows
    waits: Bools
    start: Nanoseconds
    end: Nanoseconds

    @cached_property
    def roots(self) -> Rows:
        """The row of every trace's root: a span without a parent id, the first to start, then the longest.

        In a trace whose root is missing the first span without a parent among the spans takes its place.
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
        """The number of each row's trace, 0 and up."""
        code = self.spans.select(pl.col("trace_id").hash(seed=1)).to_series().to_numpy()
        # Spans of one trace mostly stand together; so only the first of each run is looked up.
        begins = np.flatnonzero(np.append(True, code[1:] != code[:-1])[: len(code)])
        number = np.unique(code[begins], return_inverse=True)[1]
        return np.repeat(number, np.diff(np.append(begins, len(code))))

    @cached_property
    def service(self) -> Hashes:
        """The hash of each row's service: quicker to compare than names are."""
        return self.spans.select(pl.col("service").hash()).to_series().to_numpy()

    @cached_property
    def named(self) -> RowNumbers:
        """The number of each row's service, name, peer and route, and those."""
        return row_numbers(self.spans, ["service", "name", "peer", "route"])

    @cached_property
    def remote(self) -> Bools:
        """Whether each span works for another service than its parent does; so does one without a parent."""
        remote: Bools = (self.service != self.service[self.parent]) | (self.parent == NO_PARENT)
        return remote

    @cached_property
    def kind(self) -> NDArray[np.uint8]:
        """The number of each row's kind among KINDS, one more if it is none of them."""
        kind = np.full(len(self.parent), len(KINDS), dtype=np.uint8)
        for number, name in enumerate(KINDS):
            kind[(self.spans["kind"] == name).fill_null(value=False).to_numpy()] = number
        return kind

    def of_kind(self, *kinds: str) -> Bools:
        """Return whether each span is of one of these kinds."""
        wanted = np.array([name in kinds for name in (*KINDS, None)])
        of_kind: Bools = wanted[self.kind]
        return of_kind

    def below(self, *kinds: str) -> Bools:
        """Return whether each span's parent is of one of these kinds."""
        below: Bools = self.of_kind(*kinds)[self.parent] & (self.parent != NO_PARENT)
        return below

    def where(self, kept: Bools) -> SpanTree:
        """Return the tree of some of the spans; whose parent is not among them becomes a top."""
        if kept.all():
            return self
        number = np.append(np.cumsum(kept) - 1, NO_PARENT)
        parent = np.where(kept[self.parent] & (self.parent != NO_PARENT), number[self.parent], NO_PARENT)[
            kept
        ]
        waits = self.waits[kept] & (parent != NO_PARENT)
        return SpanTree(self.spans.filter(kept), parent, waits, self.start[kept], self.end[kept])

    def shifted(self, by: Nanoseconds) -> SpanTree:
        """Return the same tree with every span moved in time."""
        return replace(self, start=self.start + by, end=self.end + by)

    def of_parent(self, column: str) -> pl.Series:
        """Return a column of the spans as each span's parent has it, null without a parent."""
        rows = pl.Series(self.parent, dtype=pl.Int64).replace(NO_PARENT, None)
        return self.spans[column].gather(rows)


def span_tree(spans: Any) -> SpanTree:
    """Return the forest that a frame of SPANS is; one that already is a forest is returned as it is.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    if isinstance(spans, SpanTree):
        return spans
    frame = conform(spans, SPANS, required=NEEDED)
    once, keys = each_once(frame)
    start, length = _starts(once), _lengths(once)
    parent = without_cycles(parent_rows(keys), start, keys.own)
    waits = (parent != NO_PARENT) & ~left_behind(once, parent)
    return SpanTree(once, parent, waits, start, start + length)


def _starts(spans: pl.DataFrame) -> Nanoseconds:
    """Return starts in ns; a span that has none (a piece of a Zipkin span) is put where its trace begins."""
    start = pl.col("start")
    if spans["start"].has_nulls():
        spans = spans.select(start.fill_null(start.min().over("trace_id")))
    return spans["start"].to_physical().fill_null(0).to_numpy()


def _lengths(spans: pl.DataFrame) -> Nanoseconds:
    """Return durations in ns, 0 where there is none; what never ends is cut, for its end would be no time."""
    length = np.fmin(np.fmax(spans["duration_ms"].to_numpy(), 0.0), LONGEST_MS)
    length *= NS_PER_MS
    rounded: Nanoseconds = np.rint(length, out=length).astype(np.int64)
    return rounded
