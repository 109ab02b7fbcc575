"""Read all inputs of an analysis: a log or a rollup, traces, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from incident_kit.engines.log_length import plain_bytes
from incident_kit.engines.reading import read_access_log, read_traces, rollup
from incident_kit.engines.rollup_file import are_rollups, read_rollup
from incident_kit.errors import ParameterError, SourceError
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.measure.spans.log_clock import on_the_logs_clock
from incident_kit.measure.spans.request_id_traces import traced_by_request_id
from incident_kit.read.access_log import AccessLog
from incident_kit.read.sources.paths import Paths, given_paths
from incident_kit.read.traces import Traces
from incident_kit.slo import Targets
from incident_kit.wording import count, rejected, stretch

# Longest log to hold as requests. In memory a log takes three times its length: 6 GB for this one.
HELD_BYTES = 2e9


@dataclass(frozen=True)
class Evidence:
    """The inputs as read: requests (a frame of REQUESTS, or a rollup), spans, number of rejected lines."""

    requests: pl.DataFrame | Rollup | None = None
    spans: pl.DataFrame | None = None
    rejected: int = 0
    notes: tuple[str, ...] = field(default=())
    """The readers' remarks about the inputs: how much they hold, and in which formats."""
    warnings: tuple[str, ...] = field(default=())
    """Parts of the inputs that could not be read: damage, unknown tails, pieces that are no spans."""

    def __repr__(self) -> str:
        return " ".join((*self.notes, *self.warnings))


def gather(
    access_log: Paths = (),
    traces: Paths = (),
    *,
    log_format: str | None = None,
    routes: str | Path | Sequence[str] | None = None,
    tz: str = "UTC",
    targets: Targets | None = None,
    held_bytes: float = HELD_BYTES,
) -> Evidence:
    """Read access logs (or rollups, which are merged) and traces, whichever are given.

    Logs longer than `held_bytes` are rolled up with the thresholds of `targets` and not held in memory; a
    warning says so.

    Raises
    ------
    ParameterError
        If neither is given.
    InputError
        If something cannot be read.
    """
    logs, spans = given_paths(access_log), given_paths(traces)
    if not logs and not spans:
        raise ParameterError("There is nothing to read; give an access log, a rollup, or traces.")
    how = {"log_format": log_format, "routes": routes, "tz": tz}
    read = _read_requests(logs, how, targets, held_bytes) if logs else Evidence()
    if not spans:
        return read
    found = read_traces(spans)
    timed, said = found.spans, list[str]()
    if isinstance(read.requests, pl.DataFrame):
        requests = traced_by_request_id(read.requests, found.spans)
        timed, said = on_the_logs_clock(requests, found.spans)
        read = replace(read, requests=requests)
    return replace(
        read,
        spans=timed,
        notes=(*read.notes, _of_traces(found)),
        warnings=(*read.warnings, *found.notes, *_said_of_rejected(found), *said),
    )


def _read_requests(
    logs: list[str], how: dict[str, Any], targets: Targets | None, held_bytes: float
) -> Evidence:
    if are_rollups(logs):
        return _of_rollup(read_rollup(logs))
    length = plain_bytes(logs)
    if length > held_bytes:
        return _of_rollup(rollup(logs, **how, targets=targets), _why_counted(length))
    return _of_log(read_access_log(logs, **how))


def _of_log(log: AccessLog) -> Evidence:
    """Return the requests of a log.

    Raises
    ------
    SourceError
        If all of its lines were rejected. Nothing would be found in it, as if all was well.
    """
    if log.requests.is_empty() and len(log.rejected):
        source, reason = log.rejected.select("source", "reason").row(0)
        said = _said_of_source(source, len(log.rejected), reason, "line")
        raise SourceError(f"{said.rstrip('.')}; give a log that holds a request.")
    read = f"{count(len(log.requests), 'request')} of the access log, written as {log.log_format}"
    note = f"{read}; {rejected(len(log.rejected), 'line')}."
    return Evidence(log.requests, None, len(log.rejected), (note,), log.notes)


def _why_counted(length: float) -> str:
    return (
        f"The log is about {length / 1e9:.1f} GB long, so its requests were counted and not held: they "
        "cannot be explored, and without traces upstreams are not ranked. A part of it would tell more."
    )


def _of_traces(traces: Traces) -> str:
    held = f"{count(len(traces.spans), 'span')} in {count(traces.spans['trace_id'].n_unique(), 'trace')}"
    return f"{held}, written as {traces.trace_format}; {rejected(len(traces.rejected), 'piece')}."


def _said_of_rejected(traces: Traces) -> list[str]:
    """Return a sentence for each source with rejected pieces.

    Raises
    ------
    SourceError
        If nothing else was read.
    """
    first = traces.rejected.group_by("source", maintain_order=True).agg(pl.len(), pl.col("reason").first())
    said = [_said_of_source(*row) for row in first.iter_rows()]
    if said and traces.spans.is_empty():
        raise SourceError(f"{said[0].rstrip('.')}; give traces that hold a span.")
    return said


def _said_of_source(source: str, number: int, reason: str, noun: str = "piece") -> str:
    if source in reason:
        return reason
    return f"Of {source} {rejected(number, noun)}; of the first it is said: {reason.rstrip('.')}."


def _of_rollup(table: Rollup, *warnings: str) -> Evidence:
    meta, window = table.meta, table.window
    if meta.rejected and not meta.requests:
        raise SourceError(f"All {meta.rejected:,} lines were rejected; give a log that holds a request.")
    when = "" if window is None else f", {stretch(window.start, window.end)}"
    held = f"{count(meta.requests, 'request')} of a rollup in buckets of {meta.bucket_s} s{when}"
    note = f"{held}; {rejected(meta.rejected, 'line')}."
    return Evidence(table, None, meta.rejected, (note,), (*warnings, *meta.notes))
