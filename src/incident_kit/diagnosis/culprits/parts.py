"""What of each trace belongs to whom: its time, and its failure."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.call_graph import CallGraph
from incident_kit.diagnosis.culprits.shares import Parts
from incident_kit.measure.surprise import Floats


def time_parts(graph: CallGraph, roots: pl.DataFrame, callee_owns: Floats) -> Parts:
    """Return the parts of each trace's root duration (ms); the last owner has what nobody else has.

    A segment's own time is its service's; the wait on an edge is divided as the evidence says
    (`callee_owns`, by edge). `roots`: operation (number) and duration_ms, in the order of the traces.
    """
    segments, calls = graph.segments, graph.calls
    wait, theirs = np.where(calls.waited, calls.wait.value, 0.0), callee_owns[calls.edge]
    trace = np.concatenate([segments.own.trace, calls.trace, calls.trace])
    amount = np.concatenate([segments.own.value, wait * theirs, wait * (1 - theirs)])
    owner = np.concatenate([segments.service, graph.callee[calls.edge], graph.caller[calls.edge]])
    rest = roots["duration_ms"].to_numpy() - np.bincount(trace, weights=amount, minlength=len(roots))
    return Parts(
        trace=np.concatenate([trace, np.arange(len(roots))]),
        owner=np.concatenate([owner, np.full(len(roots), len(graph.names))]),
        amount=np.concatenate([amount, rest]),
        operation=roots["operation"].to_numpy(),
        owners=len(graph.names) + 1,
    )
