"""Texts about how a log was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident_kit.inert import for_terminal
from incident_kit.sensitive import mask_secrets
from incident_kit.wording import count, rejected, stretch

if TYPE_CHECKING:
    from incident_kit.measure.rollups.rollup import RollupMeta
    from incident_kit.read.access_log import Explanation
    from incident_kit.read.read_log import ReadLog

SHOWN_CHARACTERS = 200
"""Characters of a rejected line that are shown."""

NONE_REJECTED = "no line was rejected"
COLUMNS = ("line_number", "start_time", "method", "target", "status", "duration_ms")


def explanation(sources: Iterable[Explanation], notes: Iterable[str]) -> str:
    """Return for each source its format, how many lines fit, and the first lines read and rejected."""
    lines = [*(line for found in sources for line in _explained(found)), *notes]
    return "\n".join(for_terminal(line) for line in lines)


def _explained(found: Explanation) -> Iterator[str]:
    inside = f" inside {', '.join(found.wrappers)}" if found.wrappers else ""
    fit = f"{found.recognised} of the first {count(found.sampled, 'line')} fit"
    yield found.source
    yield f"  format: {found.log_format}{inside} ({fit})"
    requests = [_request(row) for row in found.parsed.select(COLUMNS).to_dicts()]
    refused = [_rejected_line(row) for row in found.rejected.to_dicts()]
    yield from _shown(requests, "request", none="no line was a request")
    yield from _shown(refused, "rejected line", none="no line was rejected")


def _shown(rows: list[str], noun: str, none: str) -> Iterator[str]:
    """Yield a heading and its rows, or one line that says that there are none among the lines looked at."""
    if rows:
        yield f"  the first {noun}:" if len(rows) == 1 else f"  the first {len(rows)} {noun}s:"
    else:
        yield f"  {none} at its beginning"
    yield from (f"    {row}" for row in rows)


def _request(row: dict[str, Any]) -> str:
    """Return the fields that a request has as `name=value`, times in ISO 8601."""
    from incident_kit.window import iso

    fields = {name: value for name, value in row.items() if value is not None}
    said = {name: iso(value) if isinstance(value, datetime) else value for name, value in fields.items()}
    return " ".join(f"{name}={mask_secrets(str(value))}" for name, value in said.items())


def _rejected_line(row: dict[str, Any]) -> str:
    raw = mask_secrets(row["raw"])[:SHOWN_CHARACTERS]
    return f"line {row['line_number']}: {raw} ({row['reason'].rstrip('.')})"


def parsed(read: ReadLog) -> str:
    """Return how many lines were read, in which formats, and the notes of the reader."""
    formats = f", written as {', '.join(read.log_formats)}" if read.log_formats else ""
    known = (
        f"Read {count(read.requests, 'request')}{formats}; {rejected(read.rejected, 'line', NONE_REJECTED)}."
    )
    return for_terminal(" ".join((known, *read.notes)))


def rolled_up(meta: RollupMeta, output: Path) -> str:
    """Return how many requests of which time span were rolled up into a file, and the notes of the reader."""
    when = f", {stretch(meta.first, meta.last)}" if meta.first and meta.last else ""
    uncounted = f" {meta.excluded:,} of them count for no target;" if meta.excluded else ""
    held = f"{count(meta.requests, 'request')}{when}, in buckets of {meta.bucket_s} s"
    known = f"{output} holds {held};{uncounted} {rejected(meta.rejected, 'line', NONE_REJECTED)}."
    return for_terminal(" ".join((known, *meta.notes)))
