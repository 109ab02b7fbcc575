"""Pattern: one part of the faulty dependency explains the incident: an instance, zone, version or shard."""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.worst_part import Part, bad_spans, with_work_time, worst_part
from incident_kit.diagnosis.culprits.pieces import OWN_TIME
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.calls.linked_spans import SERVING_KINDS
from incident_kit.measure.spans.span_tree import SpanTree

PARTS = (
    "service.instance.id", "k8s.pod.name", "container.id", "host.name", "hostname", "k8s.node.name",
    "cloud.availability_zone", "cloud.region", "service.version",
)  # fmt: skip
"""Attributes that say where a span's service runs, or which instance it is, the closest first
(OpenTelemetry's names, and Jaeger's)."""

CALLED = (
    "server.address", "net.peer.name", "network.peer.address", "net.peer.ip", "net.sock.peer.addr",
)  # fmt: skip
"""Attributes of the caller's span that say which of several was called, for dependencies without spans."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident comes from one part of the faulty dependency.

    A first candidate that is not stated counts too, if its own time is the strongest evidence, because few
    requests may not be enough to state a cause.
    """
    if case.tree is None or case.dependencies.is_empty():
        return None
    first = case.dependencies.row(0, named=True)
    name = first["name"]
    if not first["stated"]:
        if case.place is not None:
            return None
        own = _own_time(name, case.tree) if case.strongest_piece(name) == OWN_TIME else None
        part = None if own is None else worst_part(bad_spans(case.incident, case.during, own), PARTS)
        return None if part is None else _finding(name, part, serves=True)
    served = _served(name, case.tree.spans)
    called = _calls_to(name, case, case.tree.spans) if served.is_empty() else served
    part = worst_part(bad_spans(case.incident, case.during, called), CALLED if served.is_empty() else PARTS)
    return None if part is None else _finding(name, part, serves=not served.is_empty())


def _served(name: str, spans: pl.DataFrame) -> pl.DataFrame:
    return spans.filter(pl.col("service") == name, pl.col("kind").is_in(SERVING_KINDS))


def _own_time(name: str, tree: SpanTree) -> pl.DataFrame:
    """Return the spans that a service served, with its own time as duration, since it may wait for others."""
    return _served(name, with_work_time(tree))


def _calls_to(name: str, case: Case, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans of the calls to a dependency that records none."""
    calls = case.calls.to_callee(name)
    return spans[calls.call[~calls.answered]]


def _finding(name: str, part: Part, *, serves: bool) -> Finding:
    if serves:
        change = f"Take {part.value} out of rotation now, and let health checks do that next time."
    else:
        change = f"Look at {part.value} first: its load, its locks, its host; the others are as usual."
    return Finding(
        id="bad-part",
        priority="reliability",
        claim=f"One part of {name} is bad: {part}.",
        evidence=f"It has {wording.percent(part.traffic, 0)} of the calls to {name} and "
        f"{part.share_in_words} of those that went bad.",
        change=change,
        risk="The others take its traffic: see that they have room for it.",
        verify="Compare the others' error rate and latency with the target after it is out.",
        monitor=f"Errors and latency of {name} by {part.attribute}, and how far the worst is off.",
    )
