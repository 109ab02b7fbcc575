"""The row of every span's parent, with cycles of parents cut: damaged traces become forests, too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.span_keys import Keys, SpanKeys

Rows = NDArray[np.int64]

NO_PARENT = -1

MAX_DOUBLINGS = 24
"""Pointer doublings until every span knows who is highest above it: 2^24 levels."""


def parent_rows(keys: SpanKeys) -> Rows:
    """Return the row of each span's parent, -1 without one."""
    parent = np.full(len(keys.own), NO_PARENT)
    row = np.flatnonzero(keys.names_parent)
    wanted = keys.parent[row]
    asking = np.argsort(wanted)  # both sorted, the search goes through memory once
    row, wanted = row[asking], wanted[asking]
    place = np.minimum(np.searchsorted(keys.in_order, wanted), len(parent) - 1)
    found = keys.in_order[place] == wanted
    parent[row[found]] = keys.rows[place[found]]
    return parent


def without_cycles(parent: Rows, start: Rows, key: Keys) -> Rows:
    """Cut every cycle of parents at its earliest span, which so becomes a top.

    Ancestors are found by doubling: whoever has one after as many steps as there are spans hangs on a cycle.
    """
    ancestor = np.append(parent, NO_PARENT)  # so that the ancestor of -1, the last element, is -1
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


def highest(parent: Rows, joined: Bools) -> Rows:
    """Return the highest row that each span reaches through spans that are `joined` to their parent."""
    top = np.where(joined, parent, np.arange(len(parent)))
    for _ in range(MAX_DOUBLINGS):
        higher = top[top]
        if np.array_equal(higher, top):
            break
        top = higher
    return top
