"""Pattern: several services slowed down, all of them on one host or in one zone."""

from __future__ import annotations

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding


def find(case: Case) -> Finding | None:
    """Return the finding that several services slowed down in one place."""
    if case.place is None:
        return None
    part, services = case.place
    return Finding(
        id="bad-host",
        priority="reliability",
        claim=f"{wording.count(len(services), 'service')} slowed down in one place: {part}.",
        evidence=f"It has {wording.percent(part.traffic, 0)} of the spans and {part.share_in_words} of those "
        f"whose own time was unusual; of {wording.listed(services)} nearly all of them.",
        change=f"Move the work off {part.value} now, and look for what else runs there.",
        risk="The other places take its work: see that they have room for it.",
        verify=f"Compare the services' own time at {part.value} with the others after it is idle.",
        monitor=f"Processor, memory and network by {part.attribute}, and each service's own time by it.",
    )
