"""The call graph as arrays: services and their callees, numbered, with every observation of each.

A stretch is a part of the time: a quarter of the baseline, or the incident. The graph is built once from the
segments, and counted once in every stretch (see `observed`). Each comparison of stretches (the incident with
the baseline, or one half of the baseline with the other) is then a few sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.rate_changes import loss_effect
from incident_kit.measure.arrays.samples import Groups, Sample


@dataclass(frozen=True)
class SegmentArrays:
    """One entry per segment: its groups by service and by operation, and its own time.

    `own` is the own time by key (service, operation, callees). By that key: `own_service` is the service, and
    `own_calls` says whether its segments call anybody. `level` is ln(duration + floor), the scale on which
    durations are compared.
    """

    by_service: Groups
    by_operation: Groups
    operation_service: Ints
    level: Floats
    own: Sample
    own_service: Ints
    own_calls: Bools
    critical: Floats
    failed_itself: Bools


@dataclass(frozen=True)
class CallArrays:
    """One entry per call: its edge, its caller's segment, and its wait by key (caller, callee, operation).

    `level` is ln(duration + floor). Calls of one segment stand together, in the order of their start.
    """

    by_edge: Groups
    segment: Ints
    wait: Sample
    waited: Bools
    wait_edge: Ints
    before_ms: Floats
    after_ms: Floats
    callee_segment: Ints
    failed: Bools
    failed_itself: Bools
    level: Floats
    critical: Floats

    @property
    def edge(self) -> Ints:
        """The edge of each call."""
        return self.by_edge.key

    @property
    def trace(self) -> Ints:
        """The trace of each call."""
        return self.by_edge.trace

    @property
    def is_last(self) -> Bools:
        """Whether each call is the last one of its segment."""
        last: Bools = np.diff(self.segment, append=-1) != 0
        return last


@dataclass(frozen=True)
class InnerArrays:
    """One entry per distinct inner operation of a segment: the segment, and its key (operation, inner name).

    `key_operation`, by key: the operation.
    """

    segment: Ints
    key: Ints
    key_operation: Ints


@dataclass(frozen=True)
class MadeCalls:
    """One entry per edge that a segment called: the segment, its key (operation, edge), and how often.

    By key: the operation, the edge. By segment: `last`, the key of the last call it made, -1 if it made none.
    """

    segment: Ints
    key: Ints
    times: Floats
    operation: Ints
    edge: Ints
    last: Ints


@dataclass(frozen=True)
class CallGraph:
    """Names of services and dependencies, the edges between them, and what was observed.

    An edge leads from a caller to a target. A target is a service, or one statement of a dependency without
    spans, because a lock on one table slows the statements that need it and not the whole database. By edge:
    caller, callee, target, `statements` (null towards a service), `callee_has_spans` (so that waits are told
    from them), `has_client_span` (whether the caller has spans for its calls), `mean_position` (among its
    segments' calls, from 0).
    """

    names: list[str]
    caller: Ints
    callee: Ints
    target: Ints
    target_callee: Ints
    statements: list[str | None]
    callee_has_spans: Bools
    has_client_span: Bools
    mean_position: Floats
    segments: SegmentArrays
    calls: CallArrays
    inner: InnerArrays
    made: MadeCalls
    root_ms: float
    floor_ms: float

    @property
    def edges(self) -> int:
        """The number of edges."""
        return len(self.caller)

    def loss_effect(self, share: Floats) -> Floats:
        """Return the effect of losing this share of calls, on the scale of the effects of latency."""
        return loss_effect(share, self.root_ms, self.floor_ms)

    @property
    def comparisons(self) -> int:
        """The number of levels that are compared: those of own times and of waits."""
        return self.segments.own.keys + self.calls.wait.keys
