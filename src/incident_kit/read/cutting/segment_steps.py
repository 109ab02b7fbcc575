"""Split a plan: which steps depend on one segment of a line alone, and which on the line as a whole.

A step that reads values of one segment only belongs to that segment, and is computed once for each distinct
text of the segment. `path` and `route` come from the request line alone; `start_time`, made of the
time and the duration, is a common step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident_kit.read.cutting.plan import Plan, Step


@dataclass(frozen=True)
class SegmentSteps:
    """The steps that depend on one segment alone, and the columns of it that are needed afterwards."""

    steps: tuple[Step, ...]
    needed: tuple[str, ...]

    @property
    def used(self) -> frozenset[str]:
        """The needed columns, and those that the steps read."""
        roots = (root for step in self.steps for made in step.values() for root in made.meta.root_names())
        return frozenset((*self.needed, *roots))


def split_plan(plan: Plan, written: Sequence[Sequence[str]]) -> tuple[list[SegmentSteps], list[Step]]:
    """Split a plan into the steps of each segment and the common steps.

    `written` holds, for each segment, the names of its raw values.
    """
    plan = plan.pruned()
    owner: dict[str, int | None] = {name: place for place, names in enumerate(written) for name in names}
    own: list[list[Step]] = [[] for _ in written]
    needed: list[set[str]] = [set() for _ in written]
    common: list[Step] = []
    for step in plan.steps:
        roots = {name: made.meta.root_names() for name, made in step.items()}
        places = _places(roots, owner, plan)
        common.append({name: step[name] for name, place in places.items() if place is None})
        for root in {root for name in common[-1] for root in roots[name]}:
            if (piece := owner.get(root)) is not None:
                needed[piece].add(root)
        for piece, steps in enumerate(own):
            steps.append({name: step[name] for name, place in places.items() if place == piece})
        owner |= places
    for name in plan.wanted:
        if (piece := owner.get(name)) is not None:
            needed[piece].add(name)
    found = [
        SegmentSteps(tuple(filter(None, steps)), tuple(sorted(names)))
        for steps, names in zip(own, needed, strict=True)
    ]
    return found, [step for step in common if step]


def _places(
    roots: Mapping[str, Sequence[str]], owner: Mapping[str, int | None], plan: Plan
) -> dict[str, int | None]:
    """Return for each column of a step the segment it depends on, or None if it needs the whole line.

    If a step replaces a column that a common column of the same step reads, the replacement becomes common
    too. Otherwise it would come first, and the common column would read the new value.
    """
    places = {name: _place(name, of, owner, plan) for name, of in roots.items()}
    while True:
        used = {root for name, place in places.items() if place is None for root in roots[name]}
        early = [name for name in used if places.get(name) is not None]
        if not early:
            return places
        places |= dict.fromkeys(early, None)


def _place(name: str, roots: Sequence[str], owner: Mapping[str, int | None], plan: Plan) -> int | None:
    """Return the segment that a column depends on, or None if it needs the whole line."""
    owners = {owner.get(root) for root in roots}
    was_common = name in owner and owner[name] is None
    return owners.pop() if len(owners) == 1 and name not in plan.in_order and not was_common else None
