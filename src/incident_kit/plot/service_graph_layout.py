"""Where services and their calls stand in a picture, so that nothing lies on anything else.

Services stand in columns from the entries downstream. A service has a band of its column to itself, as high
as the calls that reach it need: what is said of each call stands in that band, left of the service, where
its arrow arrives. So texts of one column lie below each other, and those of two columns beside each other.
A call that passes a column has a lane of it to itself, and one that leads back goes below all of them: within
a column arrows are level, and what is not level lies between columns, where nothing else is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident_kit.plot.service_graph_columns import Call, Lane, Node, chain, columns_of, ordered
from incident_kit.plot.service_graph_ways import ARROW, LANE, Grid, Place, Strip, ways_of

# Inches: of a box around its name, and of the room around boxes, texts and arrow heads.
BOX_PADDING, BOX_HEIGHT = 0.1, 0.32
ARROW_HEAD, BETWEEN, BETWEEN_CALLS = 0.18, 0.3, 0.06

Size = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Centres of services and of what is said of calls, in inches from the lower left, and the whole size.

    `half` is half the width of a service's box, `tall` its height: all its calls arrive at its side. `ways`
    are the corners of each call's arrow, from caller to callee.
    """

    services: Mapping[str, Place]
    calls: Mapping[Call, Place]
    ways: Mapping[Call, Sequence[Place]]
    half: Mapping[str, float]
    tall: Mapping[str, float]
    width: float
    height: float


def laid_out(
    calls: Sequence[Call], names: Mapping[str, Size], told: Mapping[Call, Size], room: float = 0
) -> Layout:
    """Return the layout of `calls`, the busiest first, for the sizes of what is written of each.

    Arrows are the longer where there is `room`, inches across that are to be filled.
    """
    columns = columns_of(calls)
    column_of = {name: number for number, column in enumerate(columns) for name in column}
    chains = {call: chain(call, column_of) for call in calls}
    back = [(caller, callee) for caller, callee in calls if column_of[callee] <= column_of[caller]]
    row = max(height for _, height in told.values()) + BETWEEN_CALLS
    reached = Counter(callee for _, callee in calls)
    tall = {name: max(BOX_HEIGHT, row * reached[name]) for name in names}
    half = {name: width / 2 + BOX_PADDING for name, (width, _) in names.items()}
    beside = ARROW if back else 0.0  # what leads back needs room left of the first column, right of the last
    strips = _strips(columns, half, told, room - 2 * beside, beside)
    at = _heights(columns, list(chains.values()), tall, LANE * len(back))
    ways = ways_of(chains, back, _arriving(chains, at, row, back), half, Grid(strips, column_of, at))
    said = {call: (way[-1][0] - ARROW_HEAD - told[call][0] / 2, way[-1][1]) for call, way in ways.items()}
    services = {name: (strips[column_of[name]].middle, at[name]) for name in names}
    top = max(height + (tall[node] if isinstance(node, str) else LANE) / 2 for node, height in at.items())
    return Layout(
        services, said, ways, half, tall, strips[-1].right + max(beside, ARROW_HEAD), top + BETWEEN / 2
    )


def _strips(
    columns: Sequence[Sequence[str]],
    half: Mapping[str, float],
    told: Mapping[Call, Size],
    room: float,
    begin: float,
) -> list[Strip]:
    """Return where columns stand, the first from `begin`: as wide as texts and boxes, arrows between them."""
    texts = [
        max((width for (_, callee), (width, _) in told.items() if callee in column), default=0.0) + ARROW_HEAD
        for column in columns
    ]
    boxes = [2 * max(half[name] for name in column) for column in columns]
    needed = sum(texts) + sum(boxes) + ARROW_HEAD
    arrow = max(ARROW, (room - needed) / max(len(columns) - 1, 1))
    strips, left = [], begin
    for text, box in zip(texts, boxes, strict=True):
        strips.append(Strip(left, left + text + box / 2, left + text + box))
        left = strips[-1].right + arrow
    return strips


def _heights(
    columns: Sequence[Sequence[str]], chains: Sequence[Sequence[Node]], tall: Mapping[str, float], low: float
) -> dict[Node, float]:
    """Return how high the middle of each service and lane is; nothing lies below `low`."""
    lanes = [node for way in chains for node in way if isinstance(node, Lane)]
    held: list[list[Node]] = [
        [*column, *(lane for lane in lanes if lane.column == number)] for number, column in enumerate(columns)
    ]
    needs: dict[Node, float] = {name: height + BETWEEN for name, height in tall.items()}
    needs |= dict.fromkeys(lanes, LANE)
    highest = max(sum(needs[node] for node in nodes) for nodes in held)
    at: dict[Node, float] = {}
    for nodes in held:
        top = low + (highest + sum(needs[node] for node in nodes)) / 2
        for node in ordered(nodes, chains, at):
            at[node] = top - needs[node] / 2
            top -= needs[node]
    return at


def _arriving(
    chains: Mapping[Call, Sequence[Node]], at: Mapping[Node, float], row: float, back: Sequence[Call]
) -> dict[Call, float]:
    """Return how high each call arrives in its callee's band: high ones on top, those leading back below."""
    reaching: dict[str, list[Call]] = defaultdict(list)
    for call in chains:
        reaching[call[1]].append(call)

    def downward(call: Call) -> tuple[bool, float, Call]:
        return call in back, -at[chains[call][-2]], call

    return {
        call: at[callee] + row * ((len(calls) - 1) / 2 - number)
        for callee, calls in reaching.items()
        for number, call in enumerate(sorted(calls, key=downward))
    }
