"""The verb `explore`: choose a window, an endpoint and a dependency, and the pictures follow."""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.calls.root_requests import root_requests
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.reports.explorer.controls import ALL
from incident_kit.reports.explorer.explorer import Explorer
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.schema import REQUESTS, SPANS, conform, empty
from incident_kit.slo import Targets


def explore(
    log: Any = None,
    traces: Any = None,
    *,
    targets: Targets | None = None,
    incidents: pl.DataFrame | None = None,
    endpoint: str | None = None,
    tz: str = "UTC",
) -> Explorer | Sentences:
    """Explore a log and traces with widgets.

    Parameters
    ----------
    log, traces
        What was read, or its frames; one of them is enough. A rollup has no single requests: with traces it
        is ignored, and alone the result is a sentence, as it is if all requests began at the same time.
    targets
        Drawn as lines; the defaults if None.
    incidents
        The incidents of a diagnosis, which are shaded as a guide for choosing a window.
    endpoint
        The endpoint to begin with, as `GET /x/{id}`; all of them if None, or if a rollup was given.
    tz
        The time zone of menus and pictures.

    Raises
    ------
    ParameterError
        If there is neither a log nor traces, or no request to `endpoint`.
    """
    if isinstance(log, Rollup):
        if traces is None:
            return Sentences(("A rollup has no single requests to explore; give the log itself, or traces.",))
        log, endpoint = None, None  # the traces' requests may have other endpoints
    requests, spans = requests_and_spans(log, traces)
    timed = requests.drop_nulls("start_time")
    if timed["start_time"].n_unique() < 2:
        return Sentences(("There are not two different times to explore between; give more requests.",))
    first = endpoint or ALL
    return Explorer(timed, spans, targets or Targets(), incidents=incidents, endpoint=first, tz=tz)


def requests_and_spans(log: Any, traces: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the requests and spans of a log and traces, or of their frames; one of them is enough.

    Without a log the root spans serve as requests.

    Raises
    ------
    ParameterError
        If there is neither.
    """
    if log is None and traces is None:
        raise ParameterError("There is nothing to explore; give a log, traces, or both.")
    spans = empty(SPANS) if traces is None else conform(getattr(traces, "spans", traces), SPANS)
    if log is None:
        return root_requests(spans), spans
    return conform(getattr(log, "requests", log), REQUESTS, required=("start_time",)), spans
