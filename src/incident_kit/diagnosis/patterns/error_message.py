"""Pattern: the failed requests say why they failed, most of them with one message.

Example: of 494 failed requests 480 say "connect ECONNREFUSED 10.0.0.7:5432" at `cart`, and none before. So
nothing listens at that address.
"""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.error_meanings import meaning_of
from incident_kit.diagnosis.error_messages import error_messages
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.sensitive import mask_secrets

MIN_REQUESTS = 10
"""Fewer failed requests than this may have said anything."""

MOST = 0.5
"""A message is told if surely this part of the failed requests say it."""

MESSAGE_WIDTH = 140
"""Longest message that is quoted, in characters; the reason is mostly at one of its ends."""


def find(case: Case) -> Finding | None:
    """Return the finding that most failed requests of an error incident give one message."""
    if case.incident.kind != "errors":
        return None
    messages = error_messages(case.requests, case.tree, incident=case.during, baseline=case.before)
    for most in messages.head(1).iter_rows(named=True):
        low, high = share_interval(most["requests"], most["failed"])
        if most["failed"] >= MIN_REQUESTS and low >= MOST:
            share = wording.share_with_interval(most["share"], low, high)
            return _finding(most, share)
    return None


def _finding(most: dict[str, Any], share: str) -> Finding:
    meaning = meaning_of(most["message"])
    quoted = wording.shorten(mask_secrets(most["message"]), MESSAGE_WIDTH)
    means = f": {meaning.says}" if meaning.says else ""
    which = " with a trace" if most["service"] else ""
    return Finding(
        id="error-message",
        priority="reliability",
        claim=f'Most failed requests say "{quoted}" ({_place(most)}){means}.',
        evidence=f"{share} of the {wording.count(most['failed'], 'failed request')}{which} say so; "
        f"{most['before'] or 'none'} before.",
        change=meaning.change,
        risk=meaning.risk,
        verify=meaning.verify,
        monitor=meaning.monitor,
    )


def _place(most: dict[str, Any]) -> str:
    """Return in words who says it, and which callee it called, if it is a call."""
    callee = most["callee"]
    return f"{most['service'] or 'in the log'}{f', calling {wording.shorten(callee)}' if callee else ''}"
