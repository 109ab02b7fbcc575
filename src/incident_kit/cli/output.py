"""Saying how a log was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from incident_kit.inert import for_terminal

if TYPE_CHECKING:
    from incident_kit.read.access_log import Explanation

SHOWN_CHARACTERS = 200
"""How much of a rejected line is shown."""


COLUMNS = ("line_number", "start_time", "method", "target", "status", "duration_ms")


def explanation(sources: Iterable[Explanation], notes: Iterable[str]) -> str:
    """Say of each source which format was detected, from how many lines, and show the first of each kind."""
    lines = [*(line for found in sources for line in _explained(found)), *notes]
    return "\n".join(for_terminal(line) for line in lines)


def _explained(found: Explanation) -> Iterator[str]:
    inside = f" inside {', '.join(found.wrappers)}" if found.wrappers else ""
    fit = f"{found.recognised} of the first {found.sampled} lines fit"
    yield found.source
    yield f"  format: {found.log_format}{inside} ({fit})"
    yield f"  the first {len(found.parsed)} requests:"
    yield from (f"    {row}" for row in found.parsed.select(COLUMNS).iter_rows(named=True))
    yield f"  the first {len(found.rejected)} rejected lines:"
    yield from (_rejected(row) for row in found.rejected.iter_rows(named=True))


def _rejected(row: dict[str, Any]) -> str:
    return f"    line {row['line_number']}: {row['raw'][:SHOWN_CHARACTERS]} ({row['reason'].rstrip('.')})"
