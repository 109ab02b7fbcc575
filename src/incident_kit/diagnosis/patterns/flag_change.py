"""Pattern: a feature flag got another value shortly before the onset, as the traces show it.

Example: from 10:00:05 on `payment` evaluates `new_gateway` to `on`, which it never did before; from 10:00:10
on payments fail.
"""

from __future__ import annotations

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.events import first_seen_before
from incident_kit.diagnosis.findings import Finding


def find(case: Case) -> Finding | None:
    """Return the finding that an incident follows a change of a feature flag."""
    onset, culprit = case.during.start, None if case.culprit is None else case.culprit["name"]
    changed = first_seen_before(onset, case.flag_changes, culprit)
    if changed is None:
        return None
    elsewhere = culprit is not None and culprit != changed.service
    against = f"; the evidence is against {culprit}" if elsewhere else ""
    return Finding(
        id="flag-change",
        priority="reliability",
        claim=f"The incident followed a change of the feature flag {wording.shorten(changed.name)} in "
        f"{changed.service}.",
        evidence=f"It was first seen at {wording.clock(changed.time)}, the onset is "
        f"{wording.clock(onset)}{against}.",
        change=f"Set {wording.shorten(changed.flag)} back first, and look for the cause afterwards; switch "
        "a flag for a few requests before all.",
        risk="What was written with the flag on may not be readable with it off.",
        verify=f"Errors and latency of {changed.service} are as before once the flag is back.",
        monitor="Errors and latency by the flag's value while it is switched.",
    )
