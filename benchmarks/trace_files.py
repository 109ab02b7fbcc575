"""Makes traces of any number, as OTLP lines and as Jaeger files: calls within calls, in four services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import orjson

SPANS_A_TRACE = 16
TRACES_A_LINE = 10
SERVICES = ("frontend", "cart", "catalogue", "payments")
KINDS = (None, "internal", "server", "client", "producer", "consumer")

Span = dict[str, object]


def make_traces(traces: int) -> Iterator[list[Span]]:
    """Yield traces of sixteen spans: calls within calls, one after the other and at once."""
    random = Random(1)
    for number in range(traces):
        trace_id = f"{random.getrandbits(128):032x}"
        ids = [f"{random.getrandbits(64) | 1:016x}" for _ in range(SPANS_A_TRACE)]
        begin = 1_750_000_000_000_000 + number * 1000
        spans: list[Span] = []
        for place in range(SPANS_A_TRACE):
            parent = (place - 1) // 2
            length = 400_000 >> place.bit_length()
            span = {"trace_id": trace_id, "span_id": ids[place], "parent": ids[parent] if place else ""}
            span |= {"service": SERVICES[place % 4], "name": f"operation {place}", "kind": 2 + place % 2}
            start = begin + place * 3_000 + random.randrange(1000)
            spans.append(span | {"start": start, "length": length, "attributes": attributes(place)})
        yield spans


def attributes(place: int) -> dict[str, str]:
    """Return few attributes: a span takes about 350 bytes of OTLP and 500 of Jaeger, as in the trials."""
    if place % 4 == 3:
        return {"db.system.name": "postgresql"}
    return {"http.route": "/items/{id}", "http.response.status_code": "200"}


def write_otlp(path: Path, traces: int) -> None:
    with path.open("wb") as file:
        held: list[Span] = []
        for number, spans in enumerate(make_traces(traces), 1):
            held += spans
            if number % TRACES_A_LINE == 0 or number == traces:
                file.write(
                    orjson.dumps({"resourceSpans": [_resource(name, held) for name in SERVICES]}) + b"\n"
                )
                held = []


def _resource(service: str, spans: list[Span]) -> dict[str, object]:
    def listed(values: dict[str, str]) -> list[object]:
        return [
            {"key": key, "value": {"intValue" if value == "200" else "stringValue": value}}
            for key, value in values.items()
        ]

    described = {"service.name": service, "service.version": "1.4.2", "host.name": f"{service}-0"}
    written = [
        {
            "traceId": span["trace_id"],
            "spanId": span["span_id"],
            "parentSpanId": span["parent"],
            "name": span["name"],
            "kind": span["kind"],
            "startTimeUnixNano": str(span["start"] * 1000),
            "endTimeUnixNano": str((span["start"] + span["length"]) * 1000),
            "attributes": listed(span["attributes"]),
            "status": {},
        }
        for span in spans
        if span["service"] == service
    ]
    return {"resource": {"attributes": listed(described)}, "scopeSpans": [{"scope": {}, "spans": written}]}


def write_jaeger(directory: Path, files: int) -> None:
    directory.mkdir()
    processes = {name: {"serviceName": name, "tags": []} for name in SERVICES}
    for number, spans in enumerate(make_traces(files)):
        written = [
            {
                "traceID": span["trace_id"],
                "spanID": span["span_id"],
                "operationName": span["name"],
                "references": [{"refType": "CHILD_OF", "traceID": span["trace_id"], "spanID": span["parent"]}]
                if span["parent"]
                else [],
                "startTime": span["start"],
                "duration": span["length"],
                "tags": [
                    {"key": "span.kind", "type": "string", "value": KINDS[span["kind"]]},
                    *({"key": k, "type": "string", "value": v} for k, v in span["attributes"].items()),
                ],
                "processID": span["service"],
            }
            for span in spans
        ]
        document = {"data": [{"traceID": spans[0]["trace_id"], "spans": written, "processes": processes}]}
        (directory / f"{number}.json").write_bytes(orjson.dumps(document))
