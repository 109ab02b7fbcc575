"""Pattern: the incident lasted longer than the recovery target, or is not over."""

from __future__ import annotations

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import REHEARSE, Finding

NOW = (
    "Take the way back now: roll back, switch over, or shed load. "
    "Rehearse it afterwards; let a burn-rate alert start it."
)
"""Advice while the incident lasts."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident missed the recovery target."""
    target, lasted = case.targets.recovery_s, case.incident.recovery_s
    if lasted <= target:
        return None
    length = wording.duration_words(lasted)
    length = f"{length} or more" if case.incident.began_before else length
    lasts = case.incident.end is None
    state = f"not over after {length}" if lasts else f"over after {length}"
    earlier = " or earlier: the data begin with it" if case.incident.began_before else ""
    return Finding(
        id="slow-recovery",
        priority="reliability",
        claim=f"The {wording.KINDS[case.incident.kind]} was {state}; the target is "
        f"{wording.duration_words(target)}.",
        evidence=f"It began at {wording.clock(case.during.start)}{earlier}.",
        change=NOW if lasts else REHEARSE,
        risk="An automatic roll-back can hide a fault that comes back with the next release.",
        verify="Inject the same fault in a drill and measure from its start to the return to normal.",
        monitor="Time from onset to page and from page to recovery, for every incident.",
    )
