"""Find calls between services that began to fail while requests hardly did, thanks to retries and fallbacks.

Example: 15 % of the calls cart -> redis fail for ten minutes, and cart answers from its cache. The log shows
nothing. The same calls failing a little more often are the next incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.detection.episode import Episode
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.raised import episodes
from incident_kit.diagnosis.detection.series import EPOCH, Series
from incident_kit.diagnosis.detection.signals import apart
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.measure.rollups.buckets import fitting_bucket
from incident_kit.slo import Targets
from incident_kit.window import Window

MIN_FAILED_SHARE = 0.1
"""At least one call in ten fails beyond the usual; retries are made for fewer."""

NEARLY = 0.5
"""If requests fail half as often as calls, retries and fallbacks did not hide the failures."""


class Edge(NamedTuple):
    """Who calls whom, and the stretch in which the calls failed."""

    caller: str
    callee: str
    series: Series
    episode: Episode

    @property
    def window(self) -> Window:
        """When the calls failed."""
        return self.series.window(self.episode.run)


def find_hidden_failures(
    calls: pl.DataFrame,
    targets: Targets,
    found: Iterable[Incident],
    failed: pl.DataFrame | None = None,
) -> list[Finding]:
    """Return the finding of the calls that failed most often outside incidents, if there are any.

    `calls` is a table of `ik.calls`; its calls are judged as errors of requests are. `failed` are the
    requests [start_time] that failed by their spans, because a status may hide the failure, as in gRPC and
    GraphQL.
    """
    windows = [incident.during(calls["start"].max()) for incident in found]  # type: ignore[arg-type]
    hidden = [
        edge
        for edge in _failing(calls, targets)
        if edge.episode.excess >= MIN_FAILED_SHARE * edge.series.sums(edge.episode.run)[1]
        if apart(edge.window, windows)
    ]
    if not hidden:
        return []
    worst = max(hidden, key=lambda edge: edge.episode.excess)
    return [_unlogged(worst) if failed is not None and _fails(failed, worst) else _finding(worst)]


def _failing(calls: pl.DataFrame, targets: Targets) -> Iterator[Edge]:
    """Yield every stretch in which the calls of one service to another failed more often than usual."""
    calls = calls.filter(pl.col("start").is_not_null())
    if calls.is_empty():
        return
    first, last = calls.select(first=pl.col("start").min(), last=pl.col("start").max()).row(0)
    width = fitting_bucket(first, last)
    begin = EPOCH + (first - EPOCH) // timedelta(seconds=width) * timedelta(seconds=width)
    size = int((last - begin).total_seconds()) // width + 1
    place = (pl.col("start") - begin).dt.total_seconds() // width
    made = calls.select("caller", "callee", "failed", "start")
    failing = made.filter("failed").select("caller", "callee").unique()
    ever = made.join(failing, on=["caller", "callee"], how="semi").with_columns(place=place)
    for (caller, callee), on_edge in ever.group_by("caller", "callee"):
        at, bad = on_edge["place"].to_numpy(), on_edge["failed"].to_numpy().astype(np.float64)
        all_of = np.bincount(at, minlength=size).astype(np.float64)
        failed = np.bincount(at, bad, minlength=size).astype(np.float64)
        series = Series(begin, width, all_of, failed)
        yield from (Edge(str(caller), str(callee), series, one) for one in episodes(series, targets.errors))


def _fails(requests: pl.DataFrame, edge: Edge) -> bool:
    """Return whether requests failed nearly as often as the calls did."""
    calls, _ = edge.series.sums(edge.episode.run)
    return requests.filter(edge.window.covers()).height >= NEARLY * calls


def _evidence(edge: Edge) -> str:
    failed, calls = edge.series.sums(edge.episode.run)
    share = wording.share_with_interval(failed / calls, *share_interval(failed, calls))
    began, ended = (wording.clock(instant) for instant in (edge.window.start, edge.window.end))
    return f"{share} of {wording.count(calls, 'call')} failed between {began} and {ended}"


def _unlogged(edge: Edge) -> Finding:
    return replace(
        _finding(edge),
        claim=f"{edge.callee} failed {edge.caller}, and requests too, though by their status all went well.",
        evidence=f"{_evidence(edge)}; by their spans requests failed as well.",
        change=f"Mend {edge.callee}, and log how requests end where the HTTP status does not tell it: gRPC's "
        "grpc-status, errors in GraphQL's answers.",
        risk="Until then neither the log nor its alerts show such failures.",
    )


def _finding(edge: Edge) -> Finding:
    return Finding(
        id="hidden-failures",
        priority="reliability",
        claim=f"{edge.callee} failed {edge.caller}, though the requests hardly show it.",
        evidence=f"{_evidence(edge)}; retries or fallbacks hid it.",
        change=f"Mend {edge.callee} while its failures are still hidden, and limit the retries of "
        f"{edge.caller}: what hides a few failures multiplies the load of many.",
        risk="With fewer retries single failures reach the users.",
        verify=f"The share of failing calls from {edge.caller} to {edge.callee} returns to what it was.",
        monitor=f"That share, beside the error rate that users see at {edge.caller}.",
    )
