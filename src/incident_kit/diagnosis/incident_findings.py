"""Run every failure pattern on one incident.

Each module in `incident_kit.diagnosis.patterns` has one function `find(case)` that returns a `Finding` or
None. A new pattern is one new file.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from incident_kit.diagnosis import patterns
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.finders import finders
from incident_kit.diagnosis.findings import PRIORITIES, Finding

THREADS = 2
"""Number of patterns that run at a time, so that the few which scan all spans do not wait for each other."""


def find_patterns(case: Case) -> list[Finding]:
    """Run every pattern on one incident, and return the findings in the order of their priority.

    A given window in which no request was worse has no findings.
    """
    if not case.incident.worse:
        return []
    with ThreadPoolExecutor(THREADS) as executor:
        answers = list(executor.map(lambda pattern: pattern.find(case), finders(patterns)))
    found = [finding for finding in answers if finding is not None]
    return sorted(found, key=lambda finding: PRIORITIES.index(finding.priority))
