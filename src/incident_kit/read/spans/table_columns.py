"""Which columns of a table of spans are which: the names that tracing tools and people give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# By columns of SPANS (a duration says its unit, or `end` stands for it), in lower case and without what
# parts words, best name first. ClickHouse's `otel_traces` and SigNoz, OpenTelemetry's and OpenTracing's
# own names, Honeycomb's (`trace.trace_id`), Datadog's, and those of SPANS itself.
NAMES: Mapping[str, tuple[str, ...]] = {
    "trace_id": ("traceid", "tracetraceid"),
    "span_id": ("spanid", "tracespanid"),
    "parent_span_id": ("parentspanid", "parentid", "traceparentid"),
    "service": ("servicename", "service", "resourceservicename"),
    "name": ("spanname", "operationname", "name", "operation"),
    "kind": ("spankind", "kind"),
    "start": ("starttimeunixnano", "starttime", "start", "starttimestamp", "timestamp"),
    "end": ("endtimeunixnano", "endtime", "end", "endtimestamp"),
    "duration_ns": ("durationns", "durationnano", "durationnanos"),
    "duration_us": ("durationus", "durationmicros"),
    "duration_ms": ("durationms", "durationmillis"),
    "duration_s": ("durations", "durationseconds"),
    "duration": ("duration",),
    "status": ("statuscode", "otelstatuscode", "status"),
    "failed": ("error", "haserror"),
    "http_status": ("httpstatus",),
    "route": ("route",),
    "peer": ("peer",),
    "attributes": ("attributes",),
}
# Without these a row is no span; whatever else a table lacks becomes null.
NEEDED = ("trace_id", "span_id", "start")
# What ClickHouse calls those; a table that lacks one is told so in these names.
USUAL = {"trace_id": "TraceId", "span_id": "SpanId", "start": "Timestamp"}
# Several columns may tell how long a span took; the first of these decides.
LENGTHS = ("duration_ns", "duration_us", "duration_ms", "duration_s", "duration", "end")


def usual_columns(columns: Iterable[str]) -> dict[str, str]:
    """Return what columns of a table stand for, as a mapping of columns of SPANS to the table's."""
    spelt = {_plain(column): column for column in reversed(list(columns))}
    found = {
        column: spelt[best]
        for column, names in NAMES.items()
        if (best := next((name for name in names if name in spelt), None))
    }
    lengths = [name for name in LENGTHS if name in found]
    superseded = {*lengths[1:]} | ({"failed"} if "status" in found else set())
    return {column: name for column, name in found.items() if column not in superseded}


def are_spans(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is one of spans."""
    return usual_columns(columns).keys() >= {*NEEDED}


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
