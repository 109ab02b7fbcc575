"""Names of columns in tables of spans, as tracing tools and people write them.

For example `TraceId`, `trace_id` and `trace.trace_id` all name the trace id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# The names for each column of SPANS (a duration names its unit, or `end` stands for it), in lower case and
# without the characters that separate words, best name first. They are those of ClickHouse's `otel_traces`
# and `opentelemetry_span_log`, SigNoz, OpenTelemetry, OpenTracing, Honeycomb (`trace.trace_id`), Datadog, New
# Relic (`guid`, `entity.name`), SPANS itself, and of published data sets: Nezha, RCAEval, GAIA (MicroSS),
# OpenRCA, and the AIOps challenges of 2020 to 2022.
NAMES: Mapping[str, tuple[str, ...]] = {
    "trace_id": ("traceid", "tracetraceid"),
    "span_id": ("spanid", "tracespanid", "guid", "id"),
    "parent_span_id": ("parentspanid", "parentid", "traceparentid", "parentspan", "pid"),
    "service": ("servicename", "service", "resourceservicename", "entityname"),
    "name": ("spanname", "resourcename", "operationname", "name", "operation"),
    "kind": ("spankind", "kind", "attrspankind"),
    "start": ("starttimeunixnano", "starttime", "start", "starttimestamp", "timestamp", "starttimeus",
              "starttimemicros", "starttimems", "starttimemillis", "time"),
    "end": ("endtimeunixnano", "endtime", "end", "endtimestamp", "endtimeus", "endtimemicros", "endtimems",
            "endtimemillis", "finishtime", "finishtimeus"),
    "duration_ns": ("durationns", "durationnano", "durationnanos", "durationinnanos"),
    "duration_us": ("durationus", "durationmicros"),
    "duration_ms": ("durationms", "durationmillis"),
    "duration_s": ("durations", "durationseconds"),
    "duration": ("duration", "elapsedtime"),
    "status": ("statuscode", "otelstatuscode", "status", "attrstatuscode"),
    "failed": ("error", "haserror"),
    "succeeded": ("success",),
    "http_status": ("httpstatus", "attrhttpresponsestatuscode"),
    "route": ("route",),
    "peer": ("peer",),
    "attributes": ("attributes",),
    # A service or a name that is missing is inferred from these. They also stay attributes.
    "pod": ("podname", "cmdbid"),
    "url": ("url",),
}  # fmt: skip
# `id` and `pid` name a span and its parent only where both are there, because Zipkin's spans also have an
# `id` and processes a `pid`.
PAIR = {"id", "pid"}
# Tables with these columns (the AIOps challenge of 2022, and after it OpenRCA and MicroServo) have durations
# in microseconds, even where the starts are in milliseconds.
IN_MICROSECONDS = {"cmdbid", "operationname", "parentspan"}
# Azure's Application Insights: a trace is an operation, and durations are in milliseconds. Tables with the
# first two of these columns have all their names from it.
APPLICATION_INSIGHTS = {
    "trace_id": "operationid",
    "parent_span_id": "operationparentid",
    "span_id": "id",
    "service": "cloudrolename",
    "kind": "itemtype",
    "start": "timestamputc",
    "duration_ms": "duration",
    "http_status": "resultcode",
    "peer": "target",
}
OPERATIONS = {"operationid", "operationparentid"}
# A row without these is no span. Any other missing column becomes null.
NEEDED = ("trace_id", "span_id", "start")
# ClickHouse's names of those. The error for a table that lacks one uses these names.
USUAL = {"trace_id": "TraceId", "span_id": "SpanId", "start": "Timestamp"}
# If several columns give a span's duration, the first of these counts. A duration that names no unit is last,
# because the unit may differ from the times': Nezha's is in microseconds beside times in nanoseconds.
LENGTHS = ("duration_ns", "duration_us", "duration_ms", "duration_s", "end", "duration")

# If several columns say whether a span failed, the first of these counts.
OUTCOMES = ("status", "failed", "succeeded")


def usual_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return the columns that a table has under usual names: columns of SPANS, mapped to the table's."""
    spelt = {_plain(column): column for column in reversed(list(columns))}
    known = spelt.keys() if spelt.keys() >= PAIR else spelt.keys() - PAIR
    found = {
        column: spelt[best]
        for column, names in NAMES.items()
        if (best := next((name for name in names if name in known), None))
    }
    if spelt.keys() >= IN_MICROSECONDS and "duration" in found:
        found["duration_us"] = found.pop("duration")
    if spelt.keys() >= OPERATIONS:
        own = {column: spelt[name] for column, name in APPLICATION_INSIGHTS.items() if name in spelt}
        found = {column: name for column, name in (found | own).items() if column != "duration"}
    superseded = {
        name for several in (LENGTHS, OUTCOMES) for name in [name for name in several if name in found][1:]
    }
    return {column: name for column, name in found.items() if column not in superseded}


def are_spans(columns: Iterable[str]) -> bool:
    """Return whether a table with these columns is one of spans.

    Ids and a time alone are also on the lines of a log.
    """
    found = usual_columns(columns).keys()
    return found >= {*NEEDED} and not found.isdisjoint(LENGTHS)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
