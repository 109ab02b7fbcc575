"""What an engineer would write to read OTLP lines: a loop over decoded JSON that fills the same columns."""

from __future__ import annotations

from pathlib import Path

import orjson
import polars as pl

from benchmarks.trace_files import KINDS
from incident_kit.schema import SPANS, conform

PEERS = (
    "service.peer.name",
    "peer.service",
    "db.system.name",
    "db.system",
    "messaging.system",
    "server.address",
)


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
