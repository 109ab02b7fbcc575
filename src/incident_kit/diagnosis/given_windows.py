"""Windows that somebody gave: those that can mean nothing are refused, and in others nothing may be worse."""

from __future__ import annotations

from collections.abc import Iterable

from incident_kit.diagnosis.detection import WINDOW_EVIDENCE
from incident_kit.diagnosis.incident import Incident
from incident_kit.diagnosis.latency_shifts import latency_shifts
from incident_kit.diagnosis.signals import Signal, Watch
from incident_kit.errors import ParameterError
from incident_kit.measure.rollup import Rollup
from incident_kit.window import Window
from incident_kit.wording import stretch


def check_windows(rollup: Rollup, watch: Watch, incident: Window | None, baseline: Window | None) -> None:
    """Check an incident and a baseline that were given against the requests that are watched.

    Raises
    ------
    ParameterError
        If the baseline holds no valid request or overlaps the incident, or this lies outside the log.
    """
    if baseline is not None and not watch.requests(baseline):
        raise ParameterError(f"The baseline {baseline} holds no valid request; {_within(rollup)}.")
    if incident is None:
        return
    # Within the log, no request at all is what an outage looks like.
    lies_within = rollup.window is not None and incident.overlaps(rollup.window)
    if not watch.requests(incident) and not lies_within:
        raise ParameterError(f"The incident {incident} holds no valid request; {_within(rollup)}.")
    if baseline is not None and incident.overlaps(baseline):
        raise ParameterError(
            f"The baseline {baseline} overlaps the incident {incident}; give one from before or after it."
        )


def is_worse(rollup: Rollup, judged: Iterable[Signal], incident: Incident, q: float) -> bool:
    """Return whether requests surely were worse in a window: more of them bad, or an endpoint slower.

    `judged` are the promises measured in it, `q` is the quantile that is looked at. Calls that fail behind a
    fallback, or spans that are recorded no more, are no harm to any request.
    """
    if any(one.episode.excess > 0 and one.episode.nats >= WINDOW_EVIDENCE for one in judged):
        return True
    if rollup.unit_change is not None:
        return False
    moved = latency_shifts(rollup, None, incident, q)
    return bool((moved["moved"].fill_null(value=False) & (moved["shift_ms"] > 0)).any())


def _within(rollup: Rollup) -> str:
    first, last = rollup.meta.first, rollup.meta.last
    if first is None or last is None:
        return "neither does the log"
    return f"the log covers {stretch(first, last)}: give a window within that"
