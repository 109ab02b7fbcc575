"""Write the evidence against a dependency as one sentence with numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.pieces import WORTH_SAYING
from incident_kit.diagnosis.culprits.suspicion import Suspicion
from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.wording import listed, milliseconds, percent, points

MAX_NAMES = 3
"""If there are more names than this, the sentence gives their number instead."""

ITS_OWN_TIME = "its own time per call"

NOTHING = "nothing about it changed beyond chance"


def evidence_sentence(graph: CallGraph, suspicion: Suspicion, dependency: int, said: list[str]) -> str:
    """Return the sentence that these pieces make against a dependency, given by its number."""
    return "; ".join(SENTENCE_OF[name](graph, suspicion, dependency) for name in said) or NOTHING


def _own_time(graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    changed, mine = suspicion.own.changes, graph.segments.own_service == dependency
    weight = np.where(mine & (changed.effect > 0), changed.calls, 0.0)
    before, after = np.average(changed.before, weights=weight), np.average(changed.after, weights=weight)
    return f"{ITS_OWN_TIME} grew from {milliseconds(before)} to {milliseconds(after)}"


def _waits_to_it(graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    edges = _chief((graph.callee == dependency) * suspicion.edges.effect * suspicion.callee_owns_wait)
    which = _statements(graph, np.flatnonzero(edges))
    return f"calls to it from {_names(graph, graph.caller[edges])}{which} {_longer(graph, suspicion, edges)}"


def _waits_from_it(graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    edges = _chief((graph.caller == dependency) * suspicion.edges.effect * (1 - suspicion.callee_owns_wait))
    return f"its calls to {_names(graph, graph.callee[edges])} {_longer(graph, suspicion, edges)}"


def _longer(graph: CallGraph, suspicion: Suspicion, edges: Bools) -> str:
    """Return how much longer the calls on these edges take, or on which side of the callee they wait."""
    changed = suspicion.edges.changes
    weight = np.where(edges[graph.calls.wait_edge] & (changed.effect > 0), changed.calls, 0.0)
    before, after = np.average(changed.before, weights=weight), np.average(changed.after, weights=weight)
    if not graph.callee_has_spans[edges].all():
        return f"take {milliseconds(after)} where they took {milliseconds(before)}"
    side = float(np.average(suspicion.edges.order[edges], weights=suspicion.edges.effect[edges]))
    where = "before it starts" if side > 0.5 else "after it has ended" if side < -0.5 else "outside it"
    return f"wait {milliseconds(after - before)} longer {where}"


def _own_failures(_graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    return f"{points(suspicion.failures.own_rise[dependency])} more of the calls to it fail by its own doing"


def _failures_to_it(graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    edges = _chief((graph.callee == dependency) * suspicion.failures.edge * suspicion.callee_owns_failure)
    rise = points(float(suspicion.failures.edge_rise[edges].max()))
    # A callee that records no spans never shows an answer, so its absence says nothing.
    silent = all(graph.statements[edge] is not None for edge in np.flatnonzero(edges))
    how = "fail" if silent else "fail without its answer"
    return f"{rise} more of the calls to it from {_names(graph, graph.caller[edges])} {how}"


def _failures_from_it(graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    edges = _chief(
        (graph.caller == dependency) * suspicion.failures.edge * (1 - suspicion.callee_owns_failure)
    )
    rise = points(float(suspicion.failures.edge_rise[edges].max()))
    return f"{rise} more of its calls to {_names(graph, graph.callee[edges])} fail on their way"


def _added_calls(graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    added, made = suspicion.added, graph.made
    chief = _chief((graph.caller[made.edge] == dependency) * added.effect)
    before, after = (
        np.average(calls, weights=added.effect * chief) for calls in (added.baseline, added.incident)
    )
    edges = made.edge[chief]
    callees = f"{_names(graph, graph.callee[edges])}{_statements(graph, edges)}"
    return f"its calls to {callees} grew from {before:.2g} to {after:.2g} a request"


def _early_returns(_graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    rise = points(suspicion.early.rise[dependency])
    return f"{rise} more of its requests end early, without what it always did"


def _vanished_calls(graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    lost = np.where(graph.caller == dependency, suspicion.vanished.lost, 0.0)
    callees = _names(graph, graph.callee[_chief(lost)])
    return f"{percent(float(lost.max()))} fewer of its requests go on to {callees}"


def _silence(_graph: CallGraph, suspicion: Suspicion, dependency: int) -> str:
    return f"{percent(suspicion.vanished.missed[dependency])} of the calls it should get do not reach it"


def _stopped_callers(_graph: CallGraph, _suspicion: Suspicion, _dependency: int) -> str:
    return "its callers stop right after calling it"


SENTENCE_OF: dict[str, Callable[[CallGraph, Suspicion, int], str]] = {
    "own_time": _own_time,
    "waits_to_it": _waits_to_it,
    "waits_from_it": _waits_from_it,
    "own_failures": _own_failures,
    "failures_to_it": _failures_to_it,
    "failures_from_it": _failures_from_it,
    "added_calls": _added_calls,
    "early_returns": _early_returns,
    "vanished_calls": _vanished_calls,
    "stopped_callers": _stopped_callers,
    "silence": _silence,
}
"""The function that words each piece of evidence."""


def _chief(effect: Floats) -> Bools:
    """Return the edges that make up most of an effect: those with at least WORTH_SAYING of the largest."""
    chief: Bools = (effect > 0) & (effect >= WORTH_SAYING * effect.max(initial=0.0))
    return chief


def _statements(graph: CallGraph, edges: Ints) -> str:
    """Return the statements on edges to what records no spans, in brackets; nothing if there are too many."""
    statements = sorted({statement for edge in edges if (statement := graph.statements[edge])})
    return f" ({listed(statements)})" if 0 < len(statements) <= MAX_NAMES else ""


def _names(graph: CallGraph, numbers: Ints) -> str:
    names = sorted({graph.names[int(number)] for number in numbers})
    return listed(names) if len(names) <= MAX_NAMES else f"{len(names)} services"
