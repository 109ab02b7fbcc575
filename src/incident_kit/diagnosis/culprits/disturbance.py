"""Which segments were disturbed by a failure further down.

A failed call shortens and empties its caller, and what the caller then leaves out is not its own doing; nor
is what the caller's caller leaves out, if it stops right there.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.measure.rate_changes import counts, rate_changes
from incident_kit.measure.samples import Bools

DEEPEST = 16
"""Levels that a disturbance is followed up at most."""


def undisturbed(graph: CallGraph, compared: Comparison) -> Bools:
    """Return which segments no risen failure disturbed.

    Calls that fail as often as ever (a lookup that finds nothing) disturb nobody. A segment whose last call
    went to a disturbed one is disturbed as well.
    """
    calls = graph.calls
    failing = calls.failed & _failing_more(graph, compared)[calls.edge]
    disturbed = np.zeros(len(graph.segments.level), dtype=bool)
    if not failing.any():
        return ~disturbed
    disturbed[calls.segment[failing]] = True
    last = np.diff(calls.segment, append=-1) != 0
    final = np.flatnonzero(last & (calls.callee_segment >= 0))
    caller, callee = calls.segment[final], calls.callee_segment[final]
    for _ in range(DEEPEST):
        reached = caller[disturbed[callee] & ~disturbed[caller]]
        if not len(reached):
            break
        disturbed[reached] = True
    return ~disturbed


def _failing_more(graph: CallGraph, compared: Comparison) -> Bools:
    """Return by edge whether the share of its calls that fail, wherever that began, surely rose."""
    calls = graph.calls
    before, after = (
        counts(calls.by_edge, calls.failed, traces[calls.trace])
        for traces in (compared.baseline, compared.incident)
    )
    more: Bools = rate_changes(before, after) > 0
    return more
