"""Where services and their calls stand in a picture, so that no text lies on another.

Services stand in columns from the entries downstream. A service has a band of its column to itself, as high
as the calls that reach it need: what is said of each call stands in that band, left of the service, where
its arrow arrives. So texts of one column lie below each other, and those of two columns beside each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

# Inches: of a box around its name, and of the room around boxes, texts and arrows.
BOX_PADDING, BOX_HEIGHT = 0.1, 0.32
ARROW, ARROW_HEAD, BETWEEN, BETWEEN_CALLS = 0.5, 0.18, 0.3, 0.06

Call = tuple[str, str]
Place = tuple[float, float]
Size = tuple[float, float]


@dataclass(frozen=True)
class Layout:
    """Centres of services and of what is said of calls, in inches from the lower left, and the whole size.

    `half` is half the width of a service's box, `tall` its height: all its calls arrive at its side.
    """

    services: Mapping[str, Place]
    calls: Mapping[Call, Place]
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
    columns = _columns(calls)
    reached = Counter(callee for _, callee in calls)
    row = max(height for _, height in told.values()) + BETWEEN_CALLS
    tall = {name: max(BOX_HEIGHT, row * reached[name]) for name in names}
    half = {name: width / 2 + BOX_PADDING for name, (width, _) in names.items()}
    height = max(sum(tall[name] + BETWEEN for name in column) for column in columns)
    services: dict[str, Place] = {}
    before = [
        max((told[call][0] for call in calls if call[1] in column), default=0.0) + ARROW_HEAD
        for column in columns
    ]
    widest = [max(half[name] for name in column) for column in columns]
    needed = sum(before) + 2 * sum(widest) + ARROW_HEAD
    arrow = max(ARROW, (room - needed) / max(len(columns) - 1, 1))
    right = -arrow
    for column, texts, box in zip(columns, before, widest, strict=True):
        x = right + arrow + texts + box
        top = (height + sum(tall[name] + BETWEEN for name in column)) / 2
        for name in _by_callers(column, calls, services):
            services[name] = (x, top - (tall[name] + BETWEEN) / 2)
            top -= tall[name] + BETWEEN
        right = x + box
    said = {
        call: (services[call[1]][0] - half[call[1]] - ARROW_HEAD - told[call][0] / 2, y)
        for call, y in _heights(calls, services, row).items()
    }
    return Layout(services, said, half, tall, right + ARROW_HEAD, height)


def _columns(calls: Sequence[Call]) -> list[list[str]]:
    """Return services by the longest way from an entry, cycles broken where they are called least."""
    import networkx as nx

    directed: Any = nx.DiGraph()
    for caller, callee in calls:
        directed.add_edge(caller, callee)
        if caller == callee or nx.has_path(directed, callee, caller):  # the busier way round was there first
            directed.remove_edge(caller, callee)
    return list(map(list, nx.topological_generations(directed)))


def _by_callers(column: list[str], calls: Sequence[Call], services: Mapping[str, Place]) -> list[str]:
    """Return a column's services by the mean height of their callers: ordered so, arrows cross less."""
    heights: dict[str, list[float]] = defaultdict(list)
    for caller, callee in calls:
        if caller in services:
            heights[callee].append(services[caller][1])
    return sorted(column, key=lambda name: (-sum(heights[name]) / max(len(heights[name]), 1), name))


def _heights(calls: Sequence[Call], services: Mapping[str, Place], row: float) -> dict[Call, float]:
    """Return how high each call is told of in its callee's band: high callers on top, back calls below."""
    reaching: dict[str, list[str]] = defaultdict(list)
    for caller, callee in calls:
        reaching[callee].append(caller)

    def downward(callee: str, caller: str) -> tuple[bool, float]:
        return services[caller][0] >= services[callee][0], -services[caller][1]

    return {
        (caller, callee): services[callee][1] + row * ((len(callers) - 1) / 2 - number)
        for callee, callers in reaching.items()
        for number, caller in enumerate(sorted(callers, key=partial(downward, callee)))
    }
