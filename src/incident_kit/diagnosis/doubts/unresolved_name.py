"""Objection: the calls to the cause fail because its name could not be resolved, before any reached it.

Example: a node's resolver is down, and every call from `cards` to `cards-db` fails with "getaddrinfo
ENOTFOUND". The database is well, and so is `cards`.
"""

from __future__ import annotations

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.error_meanings import UNRESOLVED, meaning_of
from incident_kit.measure.calls.failure_messages import failure_message

MIN_CALLS = 10
"""Fewer failed calls than this do not show why the others failed."""

MOST = 0.5
"""Part of the failed calls that say so."""


def objection(case: Case) -> str | None:
    """Return the objection to a dependency whose name could not be resolved for most failed calls."""
    if case.culprit is None or case.tree is None:
        return None
    calls = case.calls.to_callee(case.culprit["name"]).within(case.during)
    failed = calls.filter(calls.failed[calls.call])
    messages = case.tree.spans[failed.call].select(failure_message()).to_series()
    counts = messages.drop_nulls().value_counts(name="calls").iter_rows()
    unresolved = sum(number for message, number in counts if meaning_of(message) is UNRESOLVED)
    if unresolved < max(MIN_CALLS, MOST * len(messages)):
        return None
    return "its name could not be resolved, for which neither end of the call has to be at fault"
