"""The kinds of evidence against a service, and what each adds to its suspicion."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from incident_kit.measure.arrays.array_types import Floats

OWN_TIME = "own_time"
"""Name of the piece of evidence that stands for a service's own time."""

FEWER_CALLS = frozenset({"vanished_calls", "stopped_callers", "silence"})
"""The pieces of evidence that rest on missing calls."""


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
        total: Floats = np.sum([getattr(self, piece.name) for piece in fields(self)], axis=0)
        return total

    @property
    def of_failures(self) -> Floats:
        """The sum of the pieces that rest on failures."""
        return self.own_failures + self.failures_to_it + self.failures_from_it
