"""The views of traces in notebooks: those of the incident beside the baseline, and a typical one."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.measure.calls.failure_impact import failure_impact
from incident_kit.measure.spans.explain_trace import explain_trace
from incident_kit.measure.spans.trace_health import trace_health
from incident_kit.measure.spans.typical_traces import typical_traces
from incident_kit.reports.prose.breakdown import of_incident
from incident_kit.reports.prose.chosen import windows
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.schema import SPANS, empty
from incident_kit.window import Window

SAMPLING = {
    "whole": "none: every request has its trace",
    "head": "by chance, so that traces stand for all requests",
    "tail": "failed and slow ones rather, so that shares are taken within the log's counts",
}


@dataclass(frozen=True)
class TracesBySide:
    """Whole traces that begin during an incident, and those of its baseline; all on both sides if none."""

    baseline: pl.DataFrame
    incident: pl.DataFrame


def spans_of(data: Evidence) -> pl.DataFrame:
    """Return the spans that were read; an empty frame if there are no traces."""
    return empty(SPANS) if data.spans is None else data.spans


def sides(data: Evidence, found: Diagnosis, incident: int | None) -> TracesBySide:
    """Split the traces into incident and baseline."""
    spans = spans_of(data)
    if incident is None or spans.is_empty():
        return TracesBySide(spans, spans)
    during, before = windows(found, incident)
    return TracesBySide(_beginning_in(spans, before), _beginning_in(spans, during))


def health(data: Evidence) -> pl.DataFrame:
    """Return how complete the traces are, one row a measure: what, value; both text."""
    spans = spans_of(data)
    rows: list[tuple[str, str]] = []
    if not spans.is_empty():
        found = trace_health(spans, data.requests if isinstance(data.requests, pl.DataFrame) else None)
        rows = [
            ("spans", f"{found.spans:,}"),
            ("traces", f"{found.traces:,}"),
            ("traces with a span missing", f"{found.incomplete_traces:,}"),
            ("spans delivered twice", f"{found.duplicates:,}"),
            ("hosts whose clocks disagree", f"{found.skewed.height:,} pairs"),
        ]
        if found.joined is not None:
            rows.append(("requests of the log with a trace", wording.percent(found.joined)))
        if found.sampling is not None:
            rows.append(("sampling", SAMPLING[found.sampling]))
    return pl.DataFrame(rows, schema={"what": pl.String, "value": pl.String}, orient="row")


def coverage(data: Evidence) -> pl.DataFrame:
    """Return for each route how many of the log's requests have a trace; empty without a log."""
    spans = spans_of(data)
    if spans.is_empty() or not isinstance(data.requests, pl.DataFrame):
        return pl.DataFrame()
    return trace_health(spans, data.requests).coverage


def failures(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the table of `failure_impact`, without services that never failed."""
    if spans.is_empty():
        return pl.DataFrame()
    return failure_impact(spans).filter(pl.col("failures") > 0)


def typical(data: Evidence, found: Diagnosis, incident: int | None) -> pl.DataFrame:
    """Return the most typical bad trace with the usual ranges of the baseline (the table of `explain_trace`).

    Without an incident it is the most typical of all traces; without traces the table is empty.
    """
    spans = spans_of(data)
    if spans.is_empty():
        return pl.DataFrame()
    both = sides(data, found, incident)
    known = spans["trace_id"].unique().implode()
    bad = of_incident(found.exemplars, incident).filter(pl.col("trace_id").is_in(known))
    if bad.is_empty():
        bad = typical_traces(both.incident, "duration_ms", count=1)
    chosen = bad["trace_id"][0]
    others = both.baseline.filter(pl.col("trace_id") != chosen)
    return explain_trace(pl.concat([others, spans.filter(trace_id=chosen)]), chosen)


def trace_named(explained: pl.DataFrame) -> Sentences:
    """Say which trace a waterfall shows, where it failed, and where it took longer than usual."""
    if explained.is_empty():
        return Sentences(("There are no traces to show one of.",))
    slow = explained.filter("unusual").select("service", "name").head(2)
    failed = explained.filter(status="error").sort("depth", "order", descending=[True, False])
    ways = {"it failed in": failed.head(1), "more time than usual was spent in": slow}
    said = [f"{how} {_operations(where)}" for how, where in ways.items() if where.height]
    what = wording.listed(said) or "nothing in it is unusual"
    total = wording.milliseconds(explained["duration_ms"].max() or 0.0)  # type: ignore[arg-type]
    return Sentences((f"This trace took {total}; {what}.",))


def _operations(spans: pl.DataFrame) -> str:
    return wording.listed(
        [f"{name} of {service}" for service, name in spans.select("service", "name").rows()]
    )


def _beginning_in(spans: pl.DataFrame, window: Window) -> pl.DataFrame:
    begun = spans.group_by("trace_id").agg(pl.col("start").min())
    return spans.join(begun.filter(window.covers("start")), on="trace_id", how="semi", maintain_order="left")
