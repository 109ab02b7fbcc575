"""Route the arrows of a service graph: horizontal within columns, so that they cross no box and no text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident_kit.plot.service_graph_columns import Call, Lane, Node

# Inches: the least gap between columns, and the height of a lane.
ARROW, LANE = 0.5, 0.2

Place = tuple[float, float]


@dataclass(frozen=True)
class Strip:
    """A column in inches from the left: where its texts begin, the middle and the right edge of its boxes."""

    left: float
    middle: float
    right: float


@dataclass(frozen=True)
class Grid:
    """The strips of the columns, and the height of the middle of each service and lane."""

    strips: Sequence[Strip]
    column_of: Mapping[str, int]
    at: Mapping[Node, float]

    def strip(self, node: Node) -> Strip:
        """Return the strip of the column that holds a service or a lane."""
        return self.strips[node.column if isinstance(node, Lane) else self.column_of[node]]


def ways_of(
    chains: Mapping[Call, Sequence[Node]],
    back: Sequence[Call],
    arriving: Mapping[Call, float],
    half: Mapping[str, float],
    grid: Grid,
) -> dict[Call, list[Place]]:
    """Return each call's corners, from the caller's right to the callee's left; `back` calls run below."""
    ways = {}
    for call, passed in chains.items():
        caller, callee = call
        begin = (grid.strip(caller).middle + half[caller], grid.at[caller])
        end = (grid.strip(callee).middle - half[callee], arriving[call])
        out, into = grid.strip(caller).right, grid.strip(callee).left
        if call in back:
            place = back.index(call)
            aside, low = ARROW * (place + 1) / (len(back) + 1), LANE * (place + 0.5)
            corners = _below(out + aside, into - aside, low, (begin[1], end[1]))
        else:
            corners = [(out, begin[1]), *_through(passed[1:-1], grid), (into, end[1])]
        ways[call] = [begin, *corners, end]
    return ways


def _through(lanes: Sequence[Node], grid: Grid) -> list[Place]:
    """Return the corners of horizontal stretches, one across each column on the way."""
    return [
        (side, grid.at[lane]) for lane in lanes for side in (grid.strip(lane).left, grid.strip(lane).right)
    ]


def _below(out: float, into: float, low: float, heights: tuple[float, float]) -> list[Place]:
    """Return the corners of a path from one height down to `low` and up to the other."""
    begin, end = heights
    return [(out, begin), (out, low), (into, low), (into, end)]
