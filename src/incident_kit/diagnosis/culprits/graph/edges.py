"""The edges of the call graph: which edge each call belongs to, and the properties of each edge."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.calls.call_candidates import NO_ANSWER
from incident_kit.measure.calls.call_rows import CallRows
from incident_kit.measure.spans.row_numbers import RowNumbers, row_numbers

RARE = 8
"""Operations seen less often than this are pooled: alone they tell nothing, and some names contain an id."""


def rare_together(observed: RowNumbers) -> RowNumbers:
    """Return the numbers with a group's rare operations pooled as one."""
    number, distinct = observed
    rare = pl.Series(np.bincount(number, minlength=len(distinct)) < RARE)
    if not rare.any():
        return observed
    together = distinct.with_columns(operation=pl.when(rare).then(pl.lit("(rare)")).otherwise("operation"))
    fewer, groups = row_numbers(together, together.columns)
    return fewer[number], groups


def edges_of(calls: CallRows, kind: Ints, kinds: pl.DataFrame) -> RowNumbers:
    """Return each call's edge, and the edges: caller, callee, `statement`.

    The statement is the operation of calls to a callee that never answers its caller, else null. `kind`
    numbers the calls by caller, callee and operation. There are few kinds, so the rest is derived per kind.
    """
    pair, pairs = row_numbers(kinds, ["caller", "callee"])
    answers = occurring(pair[kind[calls.callee_segment != NO_ANSWER]], len(pairs))
    stated = kinds.with_columns(statement=pl.when(pl.Series(~answers[pair])).then("operation"))
    edge, edges = row_numbers(stated, ["caller", "callee", "statement"])
    return edge[kind], edges


def mean_positions(segment: Ints, edge: Ints, edges: int) -> Floats:
    """Return each edge's mean position among its segments' calls, which are given in order of their start."""
    begins = np.flatnonzero(np.diff(segment, prepend=-1))
    place = np.arange(len(segment)) - np.repeat(begins, np.diff(np.append(begins, len(segment))))
    return weighted_means(edge, place.astype(float), np.ones(len(edge)), edges)


def occurring(number: Ints, numbers: int) -> Bools:
    """Return which of the numbers 0 to `numbers` - 1 occur."""
    there: Bools = np.bincount(number, minlength=numbers) > 0
    return there
