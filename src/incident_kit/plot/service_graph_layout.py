"""Place services and the texts of their calls in a picture so that nothing overlaps.

Services stand in columns, from the entries on the left downstream. Each service has a horizontal band of its
column to itself, high enough for all calls that arrive there. Each call has its text in that band, left of
the service, where its arrow arrives: so the texts of one column are below each other, those of two columns
beside each other. A call that crosses a column has a lane of it to itself, and a call that leads back runs
below all columns. Arrows are horizontal within columns and slope only between them, where nothing else is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident_kit.plot.service_graph_columns import Call, Lane, Node, chain, columns_of, ordered
from incident_kit.plot.service_graph_ways import ARROW, LANE, Grid, Place, Strip, ways_of

# Inches: padding of a box around its name, and the gaps around boxes, texts and arrow heads.
BOX_PADDING, BOX_HEIGHT = 0.1, 0.32
ARROW_HEAD, BETWEEN, BETWEEN_CALLS = 0.18, 0.3, 0.06

Size = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Centres of services and of call texts in inches from the lower left, and the size of the picture.

    `half` is half the width of a service's box; `tall` is its height, at whose side all its calls arrive.
    `ways` are the corners of each call's arrow, from caller to callee.
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
    """Return the layout of `calls`, the busiest first, given the sizes of all texts in inches.

    Arrows are stretched to fill `room`, the available width in inches.
    """
    columns = columns_of(calls)
    column_of = {name: number for number, column in enumerate(columns) for name in column}
    chains = {call: chain(call, column_of) for call in calls}
    back = [(caller, callee) for caller, callee in calls if column_of[callee] <= column_of[caller]]
    row = max(height for _, height in told.values()) + BETWEEN_CALLS
    reached = Counter(callee for _, callee in calls)
    tall = {name: max(BOX_HEIGHT, row * reached[name]) for name in names}
    half = {name: width / 2 + BOX_PADDING for name, (width, _) in names.items()}
    beside = ARROW if back else 0.0  # calls that lead back need room beside the first and the last column
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
    """Return the strips of the columns from `begin` on: as wide as their texts and boxes, arrows between."""
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
    """Return the height of the middle of each service and lane; nothing is placed below `low`."""
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
    """Return the height of each call's arrival in its callee's band.

    Calls arrive in the order of the heights that they come from; those that lead back arrive lowest.
    """
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
