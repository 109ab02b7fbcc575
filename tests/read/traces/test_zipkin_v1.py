"""Zipkin's first version, in which annotations tell what version 2 has members for."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.traces import read_traces

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"
BEGIN = 1544712660000000
ENDS = {"cs": 0, "sr": 1000, "ss": 4000, "cr": 5000, "ms": 0, "mr": 0}


def at(service: str) -> dict:
    return {"serviceName": service, "ipv4": "10.0.0.1", "port": 8080}


def record(**more: object) -> dict:
    return {"traceId": TRACE, "id": ROOT, "parentId": CHILD, "name": "get"} | more


def annotated(service: str, *values: str) -> list[dict]:
    return [{"timestamp": BEGIN + ENDS[value], "value": value, "endpoint": at(service)} for value in values]


def tag(key: str, value: object, service: str) -> dict:
    return {"key": key, "value": value, "endpoint": at(service)}


SERVER = record(
    annotations=annotated("shop", "sr", "ss"),
    binaryAnnotations=[tag("http.status_code", "500", "shop"), tag("ca", True, "browser")],
)
CLIENT = record(
    timestamp=BEGIN,
    duration=5500,
    annotations=annotated("shop", "cs", "cr"),
    binaryAnnotations=[tag("sa", True, "mysql"), tag("error", "timed out", "shop")],
)
LOCAL = record(timestamp=BEGIN, duration=7, binaryAnnotations=[tag("lc", "cache", "shop")])
BY_ADDRESS = record(timestamp=BEGIN, binaryAnnotations=[tag("sa", True, "redis"), tag("k", 5, "shop")])


@pytest.mark.parametrize(
    ("written", "expected", "tags"),
    [
        (SERVER, ("server", 1000, 3, "unset", None), {"http.status_code": "500"}),
        (CLIENT, ("client", 0, 5.5, "error", "mysql"), {"error": "timed out"}),
        (LOCAL, ("internal", 0, 0.007, "unset", None), {"lc": "cache"}),
        (BY_ADDRESS, ("client", 0, None, "unset", "redis"), {"k": "5"}),
        (record(annotations=annotated("shop", "ms")), ("producer", 0, None, "unset", None), {}),
        (record(annotations=annotated("shop", "mr")), ("consumer", 0, None, "unset", None), {}),
    ],
    ids=["server", "client", "local", "a client by its server's address", "producer", "consumer"],
)
def test_annotations_are_kind_service_time_and_tags(written, expected, tags, write_file: Callable) -> None:
    traces = read_traces(write_file([written]))
    (row,) = traces.spans.to_dicts()
    assert (traces.trace_format, traces.rejected.height) == ("zipkin-v1-json", 0)
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE, ROOT, CHILD)
    assert row["service"] == "shop"
    begins = traces.spans["start"].dt.epoch("us").item() - BEGIN
    assert (row["kind"], begins, row["duration_ms"], row["status"], row["peer"]) == expected
    assert json.loads(row["attributes"]) == tags | {"service.name": "shop"}


CALL = record(
    timestamp=BEGIN,
    duration=5000,
    annotations=annotated("shop", "cs", "cr") + annotated("cart", "sr", "ss"),
    binaryAnnotations=[tag("of.shop", "1", "shop"), tag("of.cart", "2", "cart"), tag("of.none", "3", "")],
)
IN_PIECES = [
    record(timestamp=BEGIN, duration=5000, annotations=annotated("shop", "cs", "cr")),
    record(annotations=annotated("cart", "sr", "ss")),
]


@pytest.mark.parametrize("written", [[CALL], IN_PIECES, [[each] for each in IN_PIECES]])
def test_what_client_and_server_say_of_one_call_is_two_spans(written, write_file: Callable) -> None:
    client, server = read_traces(write_file(written)).spans.sort("start").to_dicts()
    assert (client["service"], client["kind"], client["duration_ms"]) == ("shop", "client", 5)
    assert (server["service"], server["kind"], server["duration_ms"]) == ("cart", "server", 3)
    assert (client["span_id"], client["parent_span_id"]) == (ROOT, CHILD)
    assert server["parent_span_id"] == client["span_id"] != server["span_id"]


def test_a_tag_belongs_to_the_side_that_made_it(write_file: Callable) -> None:
    client, server = read_traces(write_file([CALL])).spans.sort("start")["attributes"]
    assert json.loads(client) == {"of.shop": "1", "of.none": "3", "service.name": "shop"}
    assert json.loads(server) == {"of.cart": "2", "service.name": "cart"}


def test_records_may_lie_one_a_line(write_file: Callable) -> None:
    lines = [json.dumps(SERVER), json.dumps(CLIENT | {"id": CHILD, "annotations": None})]
    assert read_traces(write_file("\n".join(lines))).spans["kind"].to_list() == ["server", "client"]
