"""What happened when, in one list: events by people, and incidents of the service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.events import Event
from incident_kit.schema import TIME_US
from incident_kit.wording import KINDS

TIMELINE = pl.Schema({"time": TIME_US, "kind": pl.String(), "incident": pl.Int64(), "what": pl.String()})


def timeline(
    incidents: Sequence[Incident], events: Iterable[Event], first: datetime | None, last: datetime | None
) -> pl.DataFrame:
    """Return one row per moment, in the order of time: time, kind, incident (null if none), what."""
    rows: list[dict[str, Any]] = [
        {"time": event.time, "kind": "event", "incident": None, "what": event.text} for event in events
    ]
    for number, incident in enumerate(incidents):
        rows += [{**row, "incident": number} for row in _moments(incident)]
    if first is not None and last is not None:
        rows.append({"time": first, "kind": "log", "incident": None, "what": "first request in the log"})
        rows.append({"time": last, "kind": "log", "incident": None, "what": "last request in the log"})
    return pl.DataFrame(rows, schema=TIMELINE).sort("time", maintain_order=True)


def _moments(incident: Incident) -> list[dict[str, Any]]:
    begins = "is there when the data begin" if incident.began_before else "begins"
    moments = [{"time": incident.start, "kind": "onset", "what": f"{KINDS[incident.kind]} {begins}"}]
    if incident.end is not None:
        moments.append({"time": incident.end, "kind": "recovery", "what": f"{KINDS[incident.kind]} ends"})
    return moments
