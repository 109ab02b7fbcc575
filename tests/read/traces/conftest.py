"""Writers of every dialect, so that what is written can be read back."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest

KIND_NUMBERS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
STATUS_NUMBERS = {"unset": 0, "ok": 1, "error": 2}


def rows(spans: pl.DataFrame) -> Iterable[dict]:
    """Yield spans with start in ns, duration in ns and attributes apart from the service's name."""
    for row in spans.with_columns(pl.col("start").to_physical()).iter_rows(named=True):
        attributes = json.loads(row["attributes"])
        attributes.pop("service.name", None)
        yield row | {"attributes": attributes, "duration": round(row["duration_ms"] * 1e6)}


def compact(document: object) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def otlp_json(spans: pl.DataFrame) -> bytes:
    def pairs(attributes: dict) -> list:
        return [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]

    lines = [
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": pairs({"service.name": row["service"]})},
                    "scopeSpans": [
                        {
                            "spans": [
                                {
                                    "traceId": row["trace_id"],
                                    "spanId": row["span_id"],
                                    "parentSpanId": row["parent_span_id"] or "",
                                    "name": row["name"],
                                    "kind": KIND_NUMBERS[row["kind"]],
                                    "startTimeUnixNano": str(row["start"]),
                                    "endTimeUnixNano": str(row["start"] + row["duration"]),
                                    "attributes": pairs(row["attributes"]),
                                    "status": {"code": STATUS_NUMBERS[row["status"]]},
                                }
                            ]
                        }
                    ],
                }
            ]
        }
        for row in rows(spans)
    ]
    return "\n".join(map(compact, lines)).encode()


def _calendar(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC).isoformat(timespec="microseconds")[:26] + "Z"


def console_exporter(spans: pl.DataFrame) -> bytes:
    objects = [
        {
            "name": row["name"],
            "context": {"trace_id": "0x" + row["trace_id"], "span_id": "0x" + row["span_id"]},
            "kind": "SpanKind." + row["kind"].upper(),
            "parent_id": "0x" + row["parent_span_id"] if row["parent_span_id"] else None,
            "start_time": _calendar(row["start"]),
            "end_time": _calendar(row["start"] + row["duration"]),
            "status": {"status_code": row["status"].upper()},
            "attributes": row["attributes"],
            "resource": {"attributes": {"service.name": row["service"]}, "schema_url": ""},
        }
        for row in rows(spans)
    ]
    return "\n".join(json.dumps(each, indent=4) for each in objects).encode()


def otlp_protobuf(spans: pl.DataFrame) -> bytes:
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    messages = []
    for line in otlp_json(spans).splitlines():
        document = json.loads(line)
        span = document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        ids = {name: bytes.fromhex(span.pop(name)) for name in ("traceId", "spanId", "parentSpanId")}
        message = ParseDict(document, TracesData())
        written = message.resource_spans[0].scope_spans[0].spans[0]
        written.trace_id, written.span_id, written.parent_span_id = ids.values()
        messages.append(message.SerializeToString())
    return b"".join(len(message).to_bytes(4) + message for message in messages)


def _jaeger_span(row: dict) -> dict:
    tags = row["attributes"] | {"span.kind": row["kind"]}
    tags |= {"error": True} if row["status"] == "error" else {}
    tags |= {"otel.status_code": "OK"} if row["status"] == "ok" else {}
    parent = row["parent_span_id"]
    return {
        "traceID": row["trace_id"],
        "spanID": row["span_id"],
        "operationName": row["name"],
        "references": [{"refType": "CHILD_OF", "traceID": row["trace_id"], "spanID": parent}]
        if parent
        else [],
        "startTime": row["start"] // 1000,
        "duration": row["duration"] // 1000,
        "tags": [
            {"key": key, "type": "bool" if value is True else "string", "value": value}
            for key, value in tags.items()
        ],
    }


def jaeger_api(spans: pl.DataFrame) -> bytes:
    traces = []
    for trace_id, of_trace in groupby(rows(spans.sort("trace_id")), key=lambda row: row["trace_id"]):
        held = list(of_trace)
        services = sorted({row["service"] for row in held})
        process = {name: f"p{number}" for number, name in enumerate(services, 1)}
        traces.append(
            {
                "traceID": trace_id,
                "spans": [_jaeger_span(row) | {"processID": process[row["service"]]} for row in held],
                "processes": {process[name]: {"serviceName": name, "tags": []} for name in services},
            }
        )
    return compact({"data": traces, "total": 0, "errors": None}).encode()


def jaeger_elasticsearch(spans: pl.DataFrame) -> bytes:
    lines = [
        _jaeger_span(row) | {"process": {"serviceName": row["service"], "tags": []}} for row in rows(spans)
    ]
    return "\n".join(map(compact, lines)).encode()


def _base64(digits: str) -> str:
    return b64encode(bytes.fromhex(digits)).decode()


def _typed(tag: dict) -> dict:
    value = {"vType": "BOOL", "vBool": True} if tag["value"] is True else {"vStr": tag["value"]}
    return {"key": tag["key"]} | value


def jaeger_model(spans: pl.DataFrame) -> bytes:
    written = []
    for row in rows(spans):
        ids = {"traceId": _base64(row["trace_id"]), "spanId": _base64(row["span_id"])}
        parent = row["parent_span_id"]
        more = {
            "operationName": row["name"],
            "references": [ids | {"spanId": _base64(parent)}] if parent else [],
            "startTime": _calendar(row["start"]),
            "duration": f"{row['duration'] / 1e9:.6f}s",
            "tags": list(map(_typed, _jaeger_span(row)["tags"])),
            "process": {"serviceName": row["service"]},
        }
        written.append(ids | more)
    return compact({"spans": written}).encode()


def zipkin(spans: pl.DataFrame) -> bytes:
    written = []
    for row in rows(spans):
        tags = row["attributes"] | ({"error": ""} if row["status"] == "error" else {})
        tags |= {"otel.status_code": "OK"} if row["status"] == "ok" else {}
        span = {
            "traceId": row["trace_id"],
            "id": row["span_id"],
            "name": row["name"],
            "timestamp": row["start"] // 1000,
            "duration": row["duration"] // 1000,
            "localEndpoint": {"serviceName": row["service"]},
            "tags": tags,
        }
        span |= {"parentId": row["parent_span_id"]} if row["parent_span_id"] else {}
        span |= {"kind": row["kind"].upper()} if row["kind"] != "internal" else {}
        written.append(span)
    return compact(written).encode()


V1_ENDS = {"server": ("sr", "ss"), "client": ("cs", "cr"), "producer": ("ms",), "consumer": ("mr",)}


def zipkin_v1(spans: pl.DataFrame) -> bytes:
    written = []
    for span in json.loads(zipkin(spans)):
        endpoint, kind = span.pop("localEndpoint"), span.pop("kind", "internal").lower()
        times = (span["timestamp"], span["timestamp"] + span["duration"])
        span["annotations"] = [
            {"value": value, "timestamp": time, "endpoint": endpoint}
            for value, time in zip(V1_ENDS.get(kind, ()), times, strict=False)
        ]
        tags = {"lc": ""} | span.pop("tags")
        span["binaryAnnotations"] = [
            {"key": key, "value": value, "endpoint": endpoint} for key, value in tags.items()
        ]
        written.append(span)
    return compact(written).encode()


def _otel_traces(spans: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "Timestamp": row["start"],
                "TraceId": row["trace_id"],
                "SpanId": row["span_id"],
                "ParentSpanId": row["parent_span_id"] or "",
                "SpanName": row["name"],
                "SpanKind": row["kind"].capitalize(),
                "ServiceName": row["service"],
                "ResourceAttributes": {"service.name": row["service"]},
                "SpanAttributes": [{"key": key, "value": value} for key, value in row["attributes"].items()],
                "Duration": row["duration"],
                "StatusCode": row["status"].capitalize(),
            }
            for row in rows(spans)
        ],
        schema_overrides={
            "Timestamp": pl.Datetime("ns"),
            "SpanAttributes": pl.List(pl.Struct({"key": pl.String, "value": pl.String})),
        },
    )


def otel_traces_parquet(spans: pl.DataFrame) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    _otel_traces(spans).write_parquet(buffer)
    return buffer.getvalue()


def otel_traces_csv(spans: pl.DataFrame) -> bytes:
    table = _otel_traces(spans).with_columns(
        pl.Series("ResourceAttributes", [compact({"service.name": row["service"]}) for row in rows(spans)]),
        pl.Series("SpanAttributes", [compact(row["attributes"]) for row in rows(spans)]),
    )
    return table.write_csv(datetime_format="%Y-%m-%d %H:%M:%S%.9f").encode()


def otel_traces_answer(spans: pl.DataFrame) -> bytes:
    table = _otel_traces(spans).with_columns(pl.col("Timestamp").dt.to_string("%Y-%m-%d %H:%M:%S%.9f"))
    data = [
        row | {"SpanAttributes": {pair["key"]: pair["value"] for pair in row["SpanAttributes"]}}
        for row in table.iter_rows(named=True)
    ]
    return compact({"meta": [{"name": name, "type": "String"} for name in data[0]], "data": data}).encode()


WRITERS: dict[str, Callable[[pl.DataFrame], bytes]] = {
    writer.__name__: writer
    for writer in (
        otlp_json,
        otlp_protobuf,
        console_exporter,
        jaeger_api,
        jaeger_elasticsearch,
        jaeger_model,
        zipkin,
        zipkin_v1,
        otel_traces_answer,
        otel_traces_parquet,
        otel_traces_csv,
    )
}


@pytest.fixture(params=sorted(WRITERS))
def writer(request: pytest.FixtureRequest) -> Callable[[pl.DataFrame], bytes]:
    return WRITERS[request.param]


@pytest.fixture(scope="session")
def writers() -> dict[str, Callable[[pl.DataFrame], bytes]]:
    return WRITERS


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[bytes | str | list | dict], Path]:
    """Return a function that writes bytes, a text, or a JSON document to a file."""

    def written(content: bytes | str | list | dict) -> Path:
        path = tmp_path / f"traces-{len(list(tmp_path.iterdir()))}"
        if isinstance(content, list | dict):
            content = compact(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written
