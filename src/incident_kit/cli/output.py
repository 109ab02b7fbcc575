"""Saying how a log was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from incident_kit.inert import for_terminal

if TYPE_CHECKING:
    from incident_kit.read.access_log import Explanation

SHOWN_CHARACTERS = 200
"""How much of a rejected line is shown."""


def explanation(found: Explanation, notes: Iterable[str]) -> str:
    """Say which format was detected, from how many lines, and show the first lines of each kind."""
    shown = found.parsed.select("line_number", "start_time", "method", "target", "status", "duration_ms")
    lines = [
        f"format: {found.log_format} ({found.recognised} of the first {found.sampled} lines fit)",
        *notes,
        f"the first {len(shown)} requests:",
        *(f"  {row}" for row in shown.iter_rows(named=True)),
        f"the first {len(found.rejected)} rejected lines:",
        *(_rejected(row) for row in found.rejected.iter_rows(named=True)),
    ]
    return "\n".join(for_terminal(line) for line in lines)


def _rejected(row: dict[str, Any]) -> str:
    return f"  {row['source']}:{row['line_number']}: {row['reason']}: {row['raw'][:SHOWN_CHARACTERS]}"
