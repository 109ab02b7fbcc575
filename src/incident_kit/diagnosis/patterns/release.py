"""Pattern: a new version, or a change reported by the user, came shortly before the onset."""

from __future__ import annotations

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.events import ONSET_SLACK, event_before, first_seen_before
from incident_kit.diagnosis.findings import Finding


def find(case: Case) -> Finding | None:
    """Return the finding that an incident follows a release seen in the traces, or a reported change."""
    onset, culprit = case.during.start, None if case.culprit is None else case.culprit["name"]
    if (seen := first_seen_before(onset, case.releases, culprit)) is not None:
        said = (
            f"{seen.name} was first seen at {wording.clock(seen.time)}, the onset is {wording.clock(onset)}"
        )
        if culprit in (None, seen.service):
            return _finding("The incident followed a release.", f"{said}.", "Roll it back first")
        other = f"{said}; the evidence is against {culprit}."
        first = "Roll it back, if what it changed can reach that far"
        return _finding("The incident followed a release of another service.", other, first)
    event = event_before(onset + ONSET_SLACK, case.events)
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
