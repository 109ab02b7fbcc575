"""Which columns of a table of spans are which: the names that tracing tools and people give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# By columns of SPANS (a duration says its unit, or `end` stands for it), in lower case and without what
# parts words, best name first. ClickHouse's `otel_traces` and `opentelemetry_span_log`, SigNoz,
# OpenTelemetry's and OpenTracing's own names, Honeycomb's (`trace.trace_id`), Datadog's, those of SPANS
# itself, and those of published data sets: Nezha, RCAEval, GAIA (MicroSS), OpenRCA, and the AIOps challenges
# of 2020 to 2022.
NAMES: Mapping[str, tuple[str, ...]] = {
    "trace_id": ("traceid", "tracetraceid"),
    "span_id": ("spanid", "tracespanid", "id"),
    "parent_span_id": ("parentspanid", "parentid", "traceparentid", "parentspan", "pid"),
    "service": ("servicename", "service", "resourceservicename"),
    "name": ("spanname", "operationname", "name", "operation"),
    "kind": ("spankind", "kind", "attrspankind"),
    "start": ("starttimeunixnano", "starttime", "start", "starttimestamp", "timestamp", "starttimeus",
              "starttimemicros", "starttimems", "starttimemillis", "time"),
    "end": ("endtimeunixnano", "endtime", "end", "endtimestamp", "endtimeus", "endtimemicros", "endtimems",
            "endtimemillis", "finishtime", "finishtimeus"),
    "duration_ns": ("durationns", "durationnano", "durationnanos"),
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
    # From these follow a service and a name where the table has none; they stay attributes.
    "pod": ("podname", "cmdbid"),
    "url": ("url",),
}  # fmt: skip
# Zipkin's spans have an `id` too, and processes a `pid`: they name a span and its parent where both are
# there.
PAIR = {"id", "pid"}
# Who writes these columns (the AIOps challenge of 2022, and OpenRCA's and MicroServo's after it) counts
# durations in microseconds, be the starts in milliseconds.
IN_MICROSECONDS = {"cmdbid", "operationname", "parentspan"}
# Without these a row is no span; whatever else a table lacks becomes null.
NEEDED = ("trace_id", "span_id", "start")
# What ClickHouse calls those; a table that lacks one is told so in these names.
USUAL = {"trace_id": "TraceId", "span_id": "SpanId", "start": "Timestamp"}
# Several columns may tell how long a span took; the first of these decides. A duration that says no unit is
# the last: Nezha's is in microseconds beside times in nanoseconds.
LENGTHS = ("duration_ns", "duration_us", "duration_ms", "duration_s", "end", "duration")

# So may they whether it failed.
OUTCOMES = ("status", "failed", "succeeded")


def usual_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return what columns of a table stand for, as a mapping of columns of SPANS to the table's."""
    spelt = {_plain(column): column for column in reversed(list(columns))}
    known = spelt.keys() if spelt.keys() >= PAIR else spelt.keys() - PAIR
    found = {
        column: spelt[best]
        for column, names in NAMES.items()
        if (best := next((name for name in names if name in known), None))
    }
    if spelt.keys() >= IN_MICROSECONDS and "duration" in found:
        found["duration_us"] = found.pop("duration")
    superseded = {
        name for several in (LENGTHS, OUTCOMES) for name in [name for name in several if name in found][1:]
    }
    return {column: name for column, name in found.items() if column not in superseded}


def are_spans(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is one of spans."""
    return usual_columns(columns).keys() >= {*NEEDED}


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
