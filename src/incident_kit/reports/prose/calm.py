"""Whether the answer of a notebook calms its reader: a page that tells of nothing wrong looks like it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

URGENT = "reliability"
"""The priority of findings that are reported even without an incident."""


def is_calm(document: Mapping[str, Any]) -> bool:
    """Return whether a document says that all is well: a gate passed, or no incident and a target met.

    Failures that retries hide are not well, even without an incident.
    """
    told = {row["verdict"] for row in document.get("verdicts", [])}
    unreliable = any(row.get("priority") == URGENT for row in document.get("findings", []))
    is_well = document.get("incidents") == [] and "met" in told and "breached" not in told and not unreliable
    return bool(document.get("passed", is_well))
