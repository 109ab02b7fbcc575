"""Find the row of every span's parent, and cut cycles of parents.

Damaged traces thereby become forests too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.span_keys import Keys, SpanKeys

Rows = NDArray[np.int64]

NO_PARENT = -1


def parent_rows(keys: SpanKeys) -> Rows:
    """Return the row of each span's parent, -1 if it has none."""
    parent = np.full(len(keys.own), NO_PARENT)
    row = np.flatnonzero(keys.names_parent)
    wanted = keys.parent[row]
    asking = np.argsort(wanted)  # with both sides sorted, the search runs through memory once
    row, wanted = row[asking], wanted[asking]
    place = np.minimum(np.searchsorted(keys.in_order, wanted), len(parent) - 1)
    found = keys.in_order[place] == wanted
    parent[row[found]] = keys.rows[place[found]]
    return parent


def without_cycles(parent: Rows, start: Rows, key: Keys) -> Rows:
    """Return `parent` with every cycle cut at its earliest span, which becomes a top.

    A *top* is a span without a parent. Pointer doubling finds the spans on or below a cycle: they still have
    an ancestor after as many steps as there are spans.
    """
    ancestor = np.append(parent, NO_PARENT)  # makes the ancestor of -1, the last element, -1
    hanging = np.flatnonzero(parent != NO_PARENT)
    steps = 1
    while hanging.size and steps <= parent.size:
        ancestor[hanging] = ancestor[ancestor[hanging]]
        hanging = hanging[ancestor[hanging] != NO_PARENT]
        steps *= 2
    if not hanging.size:
        return parent
    cycle = np.unique(ancestor[hanging])
    rank = np.zeros_like(parent)
    rank[cycle[np.lexsort((key[cycle], start[cycle]))]] = np.arange(cycle.size)
    earliest, ahead = rank.copy(), parent.copy()
    for _ in range(int(cycle.size).bit_length()):
        earliest[cycle] = np.minimum(earliest[cycle], earliest[ahead[cycle]])
        ahead[cycle] = ahead[ahead[cycle]]
    return np.where(np.isin(np.arange(parent.size), cycle) & (earliest == rank), NO_PARENT, parent)


def topmost(parent: Rows, joined: Bools) -> Rows:
    """Return the topmost row that each span reaches through spans that are `joined` to their parent.

    `parent` must be free of cycles.
    """
    top = np.where(joined, parent, np.arange(len(parent)))
    while not np.array_equal(higher := top[top], top):
        top = higher
    return top
