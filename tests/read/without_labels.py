"""Compare requests but for what the wrappers around their lines tell."""

from __future__ import annotations

import json
from typing import Any

from incident_kit.read.parsing.labels import NAMES
from incident_kit.read.read_log import AccessLog


def without_labels(log: AccessLog) -> list[dict[str, Any]]:
    """Return the requests of a log without the labels in their `extra`."""
    rows = log.requests.to_dicts()
    for row in rows:
        extra = json.loads(row["extra"] or "{}")
        row["extra"] = {name: value for name, value in extra.items() if name not in NAMES.values()}
    return rows
