"""Pattern: a new version, or a change reported by the user, came shortly before the onset."""

from __future__ import annotations

from datetime import timedelta

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.events import SUSPICIOUS_FOR, event_before
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.calls.releases import Release

SLACK = timedelta(seconds=30)
"""A detected onset may precede the first trace of the new version by this much."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident follows a release seen in the traces, or a reported change."""
    onset = case.during.start
    if (seen := _first_seen(case)) is not None:
        said = (
            f"{seen.name} was first seen at {wording.clock(seen.time)}, the onset is {wording.clock(onset)}"
        )
        if case.culprit is None or case.culprit["name"] == seen.service:
            return _finding("The incident followed a release.", f"{said}.", "Roll it back first")
        other = f"{said}; the evidence is against {case.culprit['name']}."
        first = "Roll it back, if what it changed can reach that far"
        return _finding("The incident followed a release of another service.", other, first)
    event = event_before(onset + SLACK, case.events)
    if event is None:
        return None
    said = f"'{event.text}' was done at {wording.clock(event.time)}, the onset is {wording.clock(onset)}."
    return _finding(
        f"The incident followed the change '{event.text}'.", said, "Undo it first, where that can be done"
    )


def _finding(claim: str, evidence: str, first: str) -> Finding:
    return Finding(
        id="release",
        priority="reliability",
        claim=claim,
        evidence=evidence,
        change=f"{first}, and look for the cause afterwards; release to a few instances before all.",
        risk="A roll-back is itself a release: check that the old version can read what the new one wrote.",
        verify="Compare the endpoint before and after with `incident-kit compare`.",
        monitor="Errors and latency by version while a release goes out.",
    )


def _first_seen(case: Case) -> Release | None:
    """Return the last version that was first seen shortly before the onset, or at it.

    If several services were released, the service at fault comes first.
    """
    onset = case.during.start
    near = [one for one in case.releases if onset - SUSPICIOUS_FOR <= one.time <= onset + SLACK]
    culprit = None if case.culprit is None else case.culprit["name"]
    return max(near, key=lambda one: (one.service == culprit, one.time), default=None)
