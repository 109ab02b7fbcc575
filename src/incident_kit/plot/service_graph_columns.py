"""Which column of a picture each service stands in, and which columns a call has to pass on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Call = tuple[str, str]


@dataclass(frozen=True)
class Lane:
    """A call's way through a column that neither its caller nor its callee stands in."""

    call: Call
    column: int


Node = str | Lane
"""What a column holds: a service by its name, or a lane."""


def columns_of(calls: Sequence[Call]) -> list[list[str]]:
    """Return services by the longest way from an entry, cycles broken where they are called least."""
    import networkx as nx

    directed: Any = nx.DiGraph()
    for caller, callee in calls:
        directed.add_edge(caller, callee)
        if caller == callee or nx.has_path(directed, callee, caller):  # the busier way round was there first
            directed.remove_edge(caller, callee)
    return list(map(list, nx.topological_generations(directed)))


def chain(call: Call, column_of: Mapping[str, int]) -> tuple[Node, ...]:
    """Return what a call passes, its caller and callee included; a call that leads back passes nothing."""
    caller, callee = call
    between = range(column_of[caller] + 1, column_of[callee])
    return (caller, *(Lane(call, column) for column in between), callee)


def ordered(nodes: Sequence[Node], chains: Sequence[Sequence[Node]], at: Mapping[Node, float]) -> list[Node]:
    """Return a column's nodes by the mean height of what leads to them: ordered so, arrows cross less."""
    heights: dict[Node, list[float]] = defaultdict(list)
    for way in chains:
        for before, node in pairwise(way):
            if before in at:
                heights[node].append(at[before])
    return sorted(nodes, key=lambda node: (-sum(heights[node]) / max(len(heights[node]), 1), str(node)))
