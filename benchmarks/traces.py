"""Reading and timing traces against an orjson loop, as ratios within one run; prints a Markdown table.

    python -m benchmarks.traces [--full] [--rounds 3]

The reference is what an engineer would write: a loop over the decoded JSON that fills the same columns. CRISP
(Python, two processes) took 3.8 times as long as such a loop without attributes for 320 thousand Jaeger spans
in 20 thousand files in its light mode, 5.1 times for its full report.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import orjson
import polars as pl

from benchmarks.command_line import command_line
from incident_kit.measure.spans.critical_path import critical_path
from incident_kit.measure.spans.span_time import span_time
from incident_kit.read.traces import read_traces
from incident_kit.schema import SPANS, conform

SPANS_A_TRACE = 16
TRACES_A_LINE = 10
# Spans of the OTLP file, spans to be timed, Jaeger files: small for a look, full as the figures are stated.
SMALL, FULL = (48_000, 100_000, 2_000), (480_000, 1_000_000, 20_000)
SERVICES = ("frontend", "cart", "catalogue", "payments")
KINDS = (None, "internal", "server", "client", "producer", "consumer")
PEERS = (
    "service.peer.name",
    "peer.service",
    "db.system.name",
    "db.system",
    "messaging.system",
    "server.address",
)
CRISP_LIGHT = 8.7 / 2.3

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


def orjson_loop(path: Path, *, whole: bool) -> pl.DataFrame:
    """Fill SPANS in a loop over decoded lines; `whole` with attributes and what is looked up in them."""
    columns: dict[str, list[object]] = {name: [] for name in SPANS if whole or name not in WITH_ATTRIBUTES}
    with path.open("rb") as file:
        for line in file:
            for resource in orjson.loads(line)["resourceSpans"]:
                shared = {each["key"]: _value(each) for each in resource["resource"]["attributes"]}
                for scope in resource["scopeSpans"]:
                    for span in scope["spans"]:
                        _append(columns, span, shared["service.name"])
                        if whole:
                            _append_attributes(columns, span, shared)
    return conform(pl.DataFrame(columns), SPANS)


WITH_ATTRIBUTES = ("http_status", "route", "peer", "attributes")


def _append(columns: dict[str, list[object]], span: dict, service: str) -> None:
    start = int(span["startTimeUnixNano"])
    columns["trace_id"].append(span["traceId"])
    columns["span_id"].append(span["spanId"])
    columns["parent_span_id"].append(span.get("parentSpanId") or None)
    columns["service"].append(service)
    columns["name"].append(span["name"])
    columns["kind"].append(KINDS[span["kind"]])
    columns["start"].append(start)
    columns["duration_ms"].append((int(span["endTimeUnixNano"]) - start) / 1e6)
    columns["status"].append(("unset", "ok", "error")[span["status"].get("code", 0)])


def _append_attributes(columns: dict[str, list[object]], span: dict, shared: dict[str, str]) -> None:
    own = {each["key"]: _value(each) for each in span["attributes"]}
    columns["http_status"].append(own.get("http.response.status_code"))
    columns["route"].append(own.get("http.route"))
    is_call = span["kind"] in (3, 4)
    columns["peer"].append(next((own[key] for key in PEERS if key in own), None) if is_call else None)
    columns["attributes"].append(orjson.dumps(shared | own).decode())


def _value(attribute: dict) -> str:
    return str(next(iter(attribute["value"].values())))


def candidates(
    folder: Path, otlp_spans: int, timed_spans: int, files: int
) -> dict[str, Callable[[], object]]:
    """Write the traces, make sure that the loop and the kit read the same, and return what is to be timed."""
    otlp, large, jaeger = (folder / name for name in ("otlp.jsonl", "large.jsonl", "jaeger"))
    write_otlp(otlp, otlp_spans // SPANS_A_TRACE)
    write_otlp(large, timed_spans // SPANS_A_TRACE)
    write_jaeger(jaeger, files)
    spans = read_traces(large).spans
    expected = orjson_loop(otlp, whole=True).drop("attributes")
    assert read_traces(otlp).spans.drop("attributes").equals(expected)
    return {
        "orjson loop, without attributes": lambda: orjson_loop(otlp, whole=False),
        "orjson loop, whole SPANS": lambda: orjson_loop(otlp, whole=True),
        "read_traces, whole SPANS": lambda: read_traces(otlp),
        "span_time": lambda: span_time(spans),
        "Jaeger files to critical path by operation": lambda: critical_path(read_traces(jaeger).spans),
    }


def timed(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the best seconds of each, all of them once a round, so that a busy machine is fair to all."""
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(rounds):
        for name, work in candidates.items():
            started = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that the figures are stated for")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed; the best counts")
    arguments = parser.parse_args()
    otlp_spans, timed_spans, files = FULL if arguments.full else SMALL
    with tempfile.TemporaryDirectory() as directory:
        seconds = timed(candidates(Path(directory), otlp_spans, timed_spans, files), arguments.rounds)
    report(seconds, otlp_spans, timed_spans, files)


def report(seconds: dict[str, float], otlp_spans: int, timed_spans: int, files: int) -> None:
    bare, whole, read, time_taken, jaeger = seconds.values()
    # Each size is brought to the one that its target is stated for.
    at_size = otlp_spans / FULL[0]
    timing, crisp = time_taken * FULL[1] / timed_spans * at_size, jaeger * FULL[2] / files * at_size
    print("| what | seconds | ratio | target |\n|---|--:|--:|--:|")
    print(f"| {otlp_spans:,} OTLP spans, orjson loop without attributes | {bare:.2f} | | |")
    print(f"| the same, orjson loop that fills SPANS | {whole:.2f} | 1 | |")
    print(f"| the same, read_traces | {read:.2f} | {whole / read:.2f} times as fast | at least 1.5 |")
    print(
        f"| {timed_spans:,} spans, span_time | {time_taken:.2f} | {timing / whole:.2f} of it | at most 0.65 |"
    )
    print(
        f"| {files:,} Jaeger files to critical path by operation | {jaeger:.2f} "
        f"| {CRISP_LIGHT * bare / crisp:.1f} times CRISP's light mode | at least 5 |"
    )


if __name__ == "__main__":
    main()
