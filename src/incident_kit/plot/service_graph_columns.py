"""Assign each service of a graph to a column, and find the columns that each call crosses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Call = tuple[str, str]


@dataclass(frozen=True)
class Lane:
    """The passage of a call through a column that holds neither its caller nor its callee."""

    call: Call
    column: int


Node = str | Lane
"""An entry of a column: a service, by its name, or a lane."""


def columns_of(calls: Sequence[Call]) -> list[list[str]]:
    """Return the services by longest path from an entry; cycles are broken at their least busy call."""
    import networkx as nx

    directed: Any = nx.DiGraph()
    for caller, callee in calls:
        directed.add_edge(caller, callee)
        if caller == callee or nx.has_path(directed, callee, caller):  # the busier direction came first
            directed.remove_edge(caller, callee)
    return list(map(list, nx.topological_generations(directed)))


def chain(call: Call, column_of: Mapping[str, int]) -> tuple[Node, ...]:
    """Return the nodes of a call from caller to callee, with its lanes; one that leads back has none."""
    caller, callee = call
    between = range(column_of[caller] + 1, column_of[callee])
    return (caller, *(Lane(call, column) for column in between), callee)


def ordered(nodes: Sequence[Node], chains: Sequence[Sequence[Node]], at: Mapping[Node, float]) -> list[Node]:
    """Return the nodes of a column by the mean height of their callers, so that fewer arrows cross."""
    heights: dict[Node, list[float]] = defaultdict(list)
    for way in chains:
        for before, node in pairwise(way):
            if before in at:
                heights[node].append(at[before])
    return sorted(nodes, key=lambda node: (-sum(heights[node]) / max(len(heights[node]), 1), str(node)))
