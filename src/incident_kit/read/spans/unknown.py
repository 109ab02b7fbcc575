"""Say what a file holds that is in no known trace format, as far as its beginning shows it."""

from __future__ import annotations

import re

from incident_kit.read.sources.plain_text import BYTE_ORDER_MARK
from incident_kit.sensitive import mask_secrets

# How many members of a document, or characters of a line, are enough to recognise it by.
NAMES, CHARACTERS = 8, 80
MEMBER = re.compile(r'"((?:[^"\\]|\\.){1,40})"\s*:')
# Answers of tracing systems that list traces without their spans, by a member that shows it.
WITHOUT_SPANS = {
    "TraceSummaries": "summaries of X-Ray's traces, whose segments BatchGetTraces returns",
    "rootServiceName": "what a search in Tempo found; /api/traces/ID returns the spans",
    "rootTraceName": "what a search in Tempo found; /api/traces/ID returns the spans",
}


def described(head: bytes) -> str:
    """Return what a file with this beginning holds."""
    text = head.removeprefix(BYTE_ORDER_MARK).decode(errors="replace").strip()
    if "\0" in text:
        return "binary data"
    if text.startswith("<"):
        return "HTML or XML"
    if not text.startswith(("{", "[")):
        line = mask_secrets(text.partition("\n")[0])
        return f"lines such as {line[:CHARACTERS].rstrip()!r}"
    names = list(dict.fromkeys(MEMBER.findall(text)))
    answers = (answer for member, answer in WITHOUT_SPANS.items() if member in names)
    return next(
        answers, f"JSON with the members {', '.join(names[:NAMES])}" if names else "JSON without members"
    )
