"""Decide who owns the trouble on an edge: its caller or its callee.

Time between a client span and its server span may be the caller's way out or the callee's way in. No fixed
rule is right, so the other edges at both ends decide, and the side of the call on which the wait grew.
Example: calls from `web` to `cart` wait longer.

    shop -> cart grew too, web -> stock did not:    cart owns the wait
    web -> stock grew too, shop -> cart did not:    web owns the wait

Each edge adds log odds for the callee; the sum becomes a probability.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.measure.arrays.array_types import Bools, Floats

CALLEE_PRIOR = 0.7
"""Log odds for the callee when nothing else is known: most often the one that is waited for is at fault."""

NO_PRIOR = -CALLEE_PRIOR
"""Further log odds that take this prior back: nothing speaks for either end."""

CALLER_PRIOR = -2 * CALLEE_PRIOR
"""Further log odds that turn this prior round: it is most often the caller that no longer makes a call."""

GREW = np.log(0.85 / 0.1)
"""Log odds that another edge adds if it grew too: 85 % of the culprit's edges grow, 10 % of the others."""

STAYED = np.log(0.15 / 0.9)
"""Log odds that another edge adds if it did not grow: 15 % of the culprit's edges, 90 % of the others."""

MAX_LOG_ODDS = 4.0
"""Bound on the log odds of all edges at one end together: many edges are not independent witnesses."""

SIDE = 2.0
"""Log odds added by the clock order, when all the growth lies on one side of the callee's work."""


def callee_owns(
    graph: CallGraph,
    effect: Floats,
    prior_log_odds: Floats | float,
    used: Bools,
    *,
    siblings: Bools | None = None,
    order: Floats | None = None,
) -> Floats:
    """Return the probability that the callee owns each edge's effect; 0.5 where the edge did not grow.

    `prior_log_odds` is further evidence as log odds for the callee. `used` marks the edges that were called.
    `siblings` says for each edge which others, or whether any, tell about its caller (all, if None). `order`
    says on which side of the callee's work the edge grew, where that is known.
    """
    odds = np.full(graph.edges, CALLEE_PRIOR) + prior_log_odds
    outward = graph.callee_has_spans if order is None else graph.callee_has_spans & (order > 0)
    unchanged = graph.callee_has_spans & (effect <= 0)
    for edge in np.flatnonzero(effect > 0):
        witness = witnesses(effect, effect[edge])
        same_caller, same_callee = graph.caller == graph.caller[edge], graph.callee == graph.callee[edge]
        same_target = graph.target == graph.target[edge]
        callers = witness[used & same_target & ~same_caller].sum()
        tell = used if siblings is None else used & siblings[edge]
        siblings_of = tell & same_caller & ~same_callee
        alike = (outward | unchanged) & outward[edge]
        callees = _of_siblings(witness, siblings_of & alike, siblings_of & ~alike)
        # Another statement of the same database. If it did not grow for the same caller, the way to the
        # database is good; if it grew for others, the database is slow. The reverse says nothing, because
        # locks are local.
        other_statement = used & same_callee & ~same_target
        callers += np.maximum(witness[other_statement & ~same_caller], 0).sum()
        callees += np.minimum(witness[other_statement & same_caller], 0).sum()
        odds[edge] += np.clip(callers, -MAX_LOG_ODDS, MAX_LOG_ODDS) - np.clip(
            callees, -MAX_LOG_ODDS, MAX_LOG_ODDS
        )
    return np.where(effect > 0, 1 / (1 + np.exp(-odds)), 0.5)


def _of_siblings(witness: Floats, services: Bools, others: Bools) -> float:
    """Return the log odds for the caller of a call to a service that its other calls add.

    Databases and caches (`others`) have drivers, pools and ports of their own. Unchanged calls to them do not
    clear the caller's way out to `services`, if its calls to other services are late as well: that several
    callees came to be at fault at once is less likely.
    """
    late = witness[services].sum()
    of_others = witness[others]
    return float(late + (np.maximum(of_others, 0.0) if late > 0 else of_others).sum())


def witnesses(effect: Floats, explained: Floats) -> Floats:
    """Return the log odds that each effect adds for one cause in common with the `explained` effect (> 0)."""
    grown = _grown(effect, explained)
    odds: Floats = grown * GREW + (1 - grown) * STAYED
    return odds


def _grown(effect: Floats, explained: Floats) -> Floats:
    """Return how far each effect grew like the `explained` one, 0 to 1: from half of it on, altogether."""
    ratio = np.divide(effect, explained, out=np.zeros(len(effect)), where=explained > 0)
    return np.minimum(1.0, 2.0 * ratio)


def clock_order(graph: CallGraph, effect: Floats, order: Floats, own_effect: Floats) -> Floats:
    """Return the log odds for the callee that the side of the call which grew adds.

    More time before the callee begins points at the caller's way out, unless the callee's own time grew as
    well (then it queues). More time after it ended points at the callee's answer, unless the caller's own
    time grew as well (then the caller is too busy to read). A slow way out slows answers, too: if the
    caller's answers to its own callers took no longer, a slow way out is half as likely.
    """
    callee, caller = (_grown(own_effect[end], effect) for end in (graph.callee, graph.caller))
    late, timed = np.zeros(len(graph.names)), np.zeros(len(graph.names), dtype=bool)
    np.maximum.at(late, graph.callee, effect * np.maximum(-order, 0.0))
    timed[graph.callee[graph.callee_has_spans]] = True
    way_out = np.where(timed[graph.caller], (1 + _grown(late[graph.caller], effect)) / 2, 1.0)
    queued = 2 * callee - 1
    before = order * np.where(queued < 0, queued * way_out, queued)
    return SIDE * np.where(order > 0, before, -order * (1 - 2 * caller))


def same_network(graph: CallGraph, effect: Floats, order: Floats) -> Floats:
    """Return the log odds for the callee that calls on the other side of each end add.

    A service with a slow way in delays the calls to it before it starts, and the answers to its own calls
    after they have ended. A slow way out does the reverse. One service that explains both delays is likelier
    than two that explain one each. If the other side did not grow, that says nothing.
    """
    before, after = effect * np.maximum(order, 0.0), effect * np.maximum(-order, 0.0)
    ends = np.zeros((2, 2, len(graph.names)))  # as callee or caller; grew before or after
    for place, growth in enumerate((before, after)):
        np.maximum.at(ends[0, place], graph.callee, growth)
        np.maximum.at(ends[1, place], graph.caller, growth)
    opposite = (order > 0).astype(int)  # what grew before on this edge grew after on the other side
    callee, caller = ends[1, opposite, graph.callee], ends[0, opposite, graph.caller]
    odds: Floats = GREW * np.abs(order) * (_grown(callee, effect) - _grown(caller, effect))
    return odds
