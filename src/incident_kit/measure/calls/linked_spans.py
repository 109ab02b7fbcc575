"""Describe spans as arrays with each span's parent, its segment, and everything that identifies calls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools, Ints
from incident_kit.measure.arrays.samples import codes_and_index
from incident_kit.measure.calls.failed_spans import outcomes
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows, topmost
from incident_kit.measure.spans.row_numbers import RowNumbers, row_numbers
from incident_kit.measure.spans.span_tree import SpanTree

CALLING_KINDS = ["client", "producer"]

SERVING_KINDS = ["server", "consumer"]

UNKNOWN = "(unknown)"
"""Service of spans that name none."""


@dataclass(frozen=True)
class LinkedSpans:
    """The spans of a tree, one for each row in its order, with distinct names in `names`.

    `names` has the columns service, name, peer and operation. An operation is name and route, because a name
    such as GET stands for many operations. `named` is each span's row in `names`. The flags are `calling`
    (client or producer), `unlabelled` (no kind), `failed`, `answered` (the span itself records an answer) and
    `is_baseline` (the answering service of a name or a peer may be inferred from it). `segment` is the row of
    the span's entry.
    """

    tree: SpanTree
    names: pl.DataFrame
    named: Ints
    calling: Bools
    unlabelled: Bools
    failed: Bools
    answered: Bools
    is_baseline: Bools
    segment: Rows

    def __len__(self) -> int:
        return len(self.segment)

    @cached_property
    def entry(self) -> Bools:
        """Whether each span is its segment's entry."""
        entry: Bools = self.segment == np.arange(len(self))
        return entry

    @cached_property
    def place(self) -> Rows:
        """Index of each entry among the entries."""
        place: Rows = np.cumsum(self.entry) - 1
        return place

    @cached_property
    def answers(self) -> Rows:
        """Rows of the entries that have a parent, the caller's span."""
        return np.flatnonzero(self.entry & (self.tree.parent != NO_PARENT))

    def operations(self, rows: Rows) -> RowNumbers:
        """Return the operation numbers of the given spans, and the operations: service, operation."""
        present, number = codes_and_index(self.named[rows])
        of_name, operations = row_numbers(self.names[present], ["service", "operation"])
        return of_name[number], operations


def linked_spans(tree: SpanTree, is_baseline: Bools) -> LinkedSpans:
    """Return the spans of a tree with everything that identifies segments and calls."""
    named, names = tree.named
    outcome = outcomes(tree.spans)
    return LinkedSpans(
        tree=tree,
        names=names.select(
            pl.col("service").fill_null(UNKNOWN),
            "name",
            "peer",
            operation=pl.concat_str("name", "route", separator=" ", ignore_nulls=True),
        ),
        named=named,
        calling=tree.of_kind(*CALLING_KINDS),
        unlabelled=tree.spans["kind"].is_null().to_numpy(),
        failed=outcome["failed"].to_numpy(),
        answered=outcome["answered"].to_numpy(),
        is_baseline=is_baseline,
        segment=topmost(tree.parent, _is_local(tree)),
    )


def _is_local(tree: SpanTree) -> Bools:
    """Return whether each span belongs to its parent's segment."""
    # A call of a service to itself over the network begins a new segment.
    local: Bools = ~tree.remote & ~(tree.of_kind(*SERVING_KINDS) & tree.below(*CALLING_KINDS))
    return local
