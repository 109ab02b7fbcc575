"""Findings that belong to no incident: what requests hide, and what happens without harm to any target."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.diagnosis.beside_incidents.error_bursts import find_error_bursts
from incident_kit.diagnosis.beside_incidents.every_day import find_every_day
from incident_kit.diagnosis.beside_incidents.hidden_attempts import find_hidden_attempts
from incident_kit.diagnosis.beside_incidents.hidden_failures import find_hidden_failures
from incident_kit.diagnosis.beside_incidents.missed_targets import find_missed_targets
from incident_kit.diagnosis.beside_incidents.recurrence import find_recurrence
from incident_kit.diagnosis.beside_incidents.silent_failures import find_silent_failures
from incident_kit.diagnosis.beside_incidents.unlogged_slowness import find_unlogged_slowness
from incident_kit.diagnosis.causes.traced import Traced
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.security import find_threats
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Targets


def find_hidden(
    given: pl.DataFrame | Rollup | None,
    traces: Traced | None,
    rollup: Rollup,
    targets: Targets,
    felt: Sequence[Incident],
) -> list[Finding]:
    """Return what the traces, or a proxy's attempts, show and the requests do not."""
    tried = find_hidden_attempts(given, targets, felt) if isinstance(given, pl.DataFrame) else []
    if traces is None:
        return tried
    return [
        *find_hidden_failures(traces.edges(), targets, felt, traces.failed),
        *tried,
        *find_unlogged_slowness(rollup, traces.requests, targets),
    ]


def find_without_incident(
    requests: pl.DataFrame | None, rollup: Rollup, targets: Targets, incidents: Sequence[Incident]
) -> list[Finding]:
    """Return what the log shows beside its incidents, and how they recur."""
    return [
        *find_recurrence(incidents, rollup.meta.bucket_s),
        *find_every_day(rollup, targets),
        *find_missed_targets(rollup, targets, incidents),
        *find_error_bursts(requests, rollup, targets, incidents),
        *find_silent_failures(requests, rollup),
        *find_threats(requests, rollup),
    ]
