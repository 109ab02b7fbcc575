"""The evidence against a dependency as one sentence with numbers."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph
from incident_kit.diagnosis.culprits.suspicion import Pieces, Suspicion
from incident_kit.measure.surprise import Bools, Ints
from incident_kit.wording import listed, milliseconds, percent

WORTH_SAYING = 0.2
"""A piece of evidence is said if it is at least this part of all against that dependency."""


def evidence(graph: CallGraph, seen: Suspicion, of: int) -> str:
    """Return what speaks against dependency number `of`, the strongest piece first."""
    weights = {piece.name: float(getattr(seen.pieces, piece.name)[of]) for piece in fields(Pieces)}
    total = sum(weights.values())
    said = [
        SAYINGS[name](graph, seen, of)
        for name, weight in sorted(weights.items(), key=lambda item: -item[1])
        if weight > 0 and weight >= WORTH_SAYING * total
    ]
    return "; ".join(said) if said else "nothing about it changed beyond chance"


def _own_time(graph: CallGraph, seen: Suspicion, of: int) -> str:
    changed, mine = seen.own.changes, graph.segments.own_service == of
    weight = np.where(mine & (changed.effect > 0), changed.calls, 0.0)
    before, after = np.average(changed.before, weights=weight), np.average(changed.after, weights=weight)
    return f"its own time per call grew from {milliseconds(before)} to {milliseconds(after)}"


def _waits_to_it(graph: CallGraph, seen: Suspicion, of: int) -> str:
    edges = (graph.callee == of) & (seen.edges.effect > 0) & (seen.callee_owns_wait > 0)
    return f"calls to it from {_names(graph, graph.caller[edges])} {_longer(graph, seen, edges)}"


def _waits_from_it(graph: CallGraph, seen: Suspicion, of: int) -> str:
    edges = (graph.caller == of) & (seen.edges.effect > 0) & (seen.callee_owns_wait < 1)
    return f"its calls to {_names(graph, graph.callee[edges])} {_longer(graph, seen, edges)}"


def _longer(graph: CallGraph, seen: Suspicion, edges: Bools) -> str:
    changed, key = seen.edges.changes, edges[graph.calls.wait_edge]
    weight = np.where(key & (changed.effect > 0), changed.calls, 0.0)
    growth = np.average(changed.after - changed.before, weights=weight)
    if not graph.answers[edges].any():
        before, after = np.average(changed.before, weights=weight), np.average(changed.after, weights=weight)
        return f"take {milliseconds(after)} where they took {milliseconds(before)}"
    side = float(np.mean(seen.edges.order[edges]))
    where = " before it begins" if side > 0.5 else " after it has ended" if side < -0.5 else " outside it"
    return f"wait {milliseconds(growth)} longer{where}"


def _own_failures(_graph: CallGraph, seen: Suspicion, of: int) -> str:
    return f"{percent(seen.failures.own_rise[of])} more of its calls fail by its own doing"


def _failures_to_it(graph: CallGraph, seen: Suspicion, of: int) -> str:
    edges = (graph.callee == of) & (seen.failures.edge > 0)
    rise = percent(float(seen.failures.edge_rise[edges].max()))
    return f"{rise} more of the calls to it from {_names(graph, graph.caller[edges])} fail without its answer"


def _failures_from_it(graph: CallGraph, seen: Suspicion, of: int) -> str:
    edges = (graph.caller == of) & (seen.failures.edge > 0)
    rise = percent(float(seen.failures.edge_rise[edges].max()))
    return f"{rise} more of its calls to {_names(graph, graph.callee[edges])} fail on their way"


def _stopped_callers(_graph: CallGraph, _seen: Suspicion, _of: int) -> str:
    return "its callers stop right after calling it"


def _silence(_graph: CallGraph, _seen: Suspicion, _of: int) -> str:
    return "the calls it used to get do not reach it any more"


def _vanished_calls(_graph: CallGraph, _seen: Suspicion, _of: int) -> str:
    return "calls it used to make are made no more"


SAYINGS = {
    "own_time": _own_time,
    "waits_to_it": _waits_to_it,
    "waits_from_it": _waits_from_it,
    "own_failures": _own_failures,
    "failures_to_it": _failures_to_it,
    "failures_from_it": _failures_from_it,
    "vanished_calls": _vanished_calls,
    "stopped_callers": _stopped_callers,
    "silence": _silence,
}
"""How each piece of evidence is said."""

MOST_NAMES = 3
"""More names than this are counted instead."""


def _names(graph: CallGraph, numbers: Ints) -> str:
    names = sorted({graph.names[int(number)] for number in numbers})
    return listed(names) if len(names) <= MOST_NAMES else f"{len(names)} services"
