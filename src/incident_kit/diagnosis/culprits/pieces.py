"""The kinds of evidence against a service, and what each adds to its suspicion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from incident_kit.measure.arrays.array_types import Floats

OWN_TIME = "own_time"
"""Name of the piece of evidence that stands for a service's own time."""

FAILURES = ("own_failures", "failures_to_it", "failures_from_it")
"""The pieces of evidence that rest on failures."""

FEWER_CALLS = frozenset({"vanished_calls", "stopped_callers", "silence"})
"""The pieces of evidence that rest on missing calls."""

WORTH_SAYING = 0.2
"""A piece of evidence, or one of its edges, is mentioned if it is at least this fraction of the largest."""

MIN_EVIDENCE = 0.1
"""Evidence below this is a change nobody would look at, so it is not mentioned."""


@dataclass(frozen=True)
class Pieces:
    """By service or dependency: what each kind of evidence adds to its suspicion.

        own_time            its own work takes longer
        waits_to_it         calls to it wait longer, and it owns the wait
        waits_from_it       its own calls wait longer, and it owns the wait
        own_failures        failures begin in its own work
        failures_to_it      calls to it fail, and it owns the failures
        failures_from_it    its own calls fail, and it owns the failures
        added_calls         it makes more calls for the same work
        early_returns       it answers sooner, without work that it always did
        vanished_calls      it no longer makes calls that it used to make
        stopped_callers     its callers stop right after calling it
        silence             calls that it should get do not reach it

    The effect on an edge is split by the probability that the callee owns it.
    """

    own_time: Floats
    waits_to_it: Floats
    waits_from_it: Floats
    own_failures: Floats
    failures_to_it: Floats
    failures_from_it: Floats
    added_calls: Floats
    early_returns: Floats
    vanished_calls: Floats
    stopped_callers: Floats
    silence: Floats

    @property
    def total(self) -> Floats:
        """The sum of all pieces."""
        return self._sum(piece.name for piece in fields(self))

    @property
    def of_failures(self) -> Floats:
        """The sum of the pieces that rest on failures."""
        return self._sum(FAILURES)

    def strongest(self, dependency: int) -> list[str]:
        """Return the pieces of evidence against a dependency worth mentioning, the strongest first.

        Failures are always mentioned: a few of them weigh less than a large delay but matter as much.
        """
        weights = {piece.name: float(getattr(self, piece.name)[dependency]) for piece in fields(self)}
        least = max(MIN_EVIDENCE, WORTH_SAYING * max(weights.values()))
        strongest = sorted(weights.items(), key=lambda item: -item[1])
        return [name for name, weight in strongest if weight >= (MIN_EVIDENCE if name in FAILURES else least)]

    def _sum(self, names: Iterable[str]) -> Floats:
        total: Floats = np.sum([getattr(self, name) for name in names], axis=0)
        return total
