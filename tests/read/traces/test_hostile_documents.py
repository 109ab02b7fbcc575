"""Documents made to stop whoever reads them: what is too deep or too great takes no other span with it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.errors import InputError
from incident_kit.measure.spans.span_tree import span_tree
from incident_kit.read.traces import read_traces

TRACE, BEGIN_NS = "5b8efff798038103d269b633813fc60c", 1_767_261_600_000_000_000
# Deeper than Python decodes, and than orjson writes.
TOO_DEEP_TO_READ, TOO_DEEP_TO_WRITE = 20_000, 300


def otlp(number: int, value: str) -> str:
    span = {
        "traceId": TRACE, "spanId": f"{number:016x}", "name": "GET /",
        "startTimeUnixNano": str(BEGIN_NS), "endTimeUnixNano": str(BEGIN_NS + 10**6),
        "attributes": [{"key": "odd", "value": "VALUE"}, {"key": "even", "value": {"stringValue": "kept"}}],
    }  # fmt: skip
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).replace('"VALUE"', value)


def jaeger(number: int, value: str) -> str:
    span = {
        "traceID": TRACE, "spanID": f"{number:016x}", "operationName": "GET /", "startTime": BEGIN_NS // 1000,
        "duration": 1000, "processID": "p", "tags": [{"key": "odd", "value": "VALUE"}],
    }  # fmt: skip
    whole = {"data": [{"traceID": TRACE, "spans": [span], "processes": {"p": {"serviceName": "shop"}}}]}
    return json.dumps(whole).replace('"VALUE"', value)


def zipkin(number: int, value: str) -> str:
    span = {
        "traceId": TRACE, "id": f"{number:016x}", "name": "GET /", "timestamp": BEGIN_NS // 1000,
        "duration": 1000, "localEndpoint": {"serviceName": "shop"}, "tags": {"odd": "VALUE"},
    }  # fmt: skip
    return json.dumps([span]).replace('"VALUE"', value)


def xray(number: int, value: str) -> str:
    segment = {
        "trace_id": "1-5759e988-bd862e3fe1be46a994272793", "id": f"{number:016x}", "name": "shop",
        "start_time": BEGIN_NS / 1e9, "end_time": BEGIN_NS / 1e9 + 0.001, "metadata": {"odd": "VALUE"},
    }  # fmt: skip
    return json.dumps(segment).replace('"VALUE"', value)


DIALECTS = [otlp, jaeger, zipkin, xray]


def lists(deep: int) -> str:
    return "[" * deep + "]" * deep


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "value",
    [
        lists(TOO_DEEP_TO_READ), "[" * TOO_DEEP_TO_READ, lists(TOO_DEEP_TO_WRITE),
        "1e400", "9" * 100_000, '"\\ud800"',
    ],
    ids=[
        "too deep to be read", "without an end", "too deep to be written",
        "an exponent", "digits", "half a character",
    ],
)  # fmt: skip
def test_a_hostile_attribute_takes_no_other_span_with_it(tmp_path: Path, dialect, value: str) -> None:
    path = tmp_path / "traces.jsonl"
    written = [dialect(1, '"plain"'), dialect(2, value), dialect(3, '"plain"')]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    traces = read_traces(path)
    assert {f"{1:016x}", f"{3:016x}"} <= set(traces.spans["span_id"])
    assert traces.spans.height + traces.rejected.height >= len(written)
    for attributes in traces.spans["attributes"]:
        json.loads(attributes)


def test_a_number_that_no_float_holds_is_kept_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    path.write_text(otlp(1, '{"doubleValue":1e400}'), encoding="utf-8")
    (attributes,) = read_traces(path).spans["attributes"]
    assert json.loads(attributes) == {"odd": "1e400", "even": "kept"}


@pytest.mark.parametrize("beginning", ["[", "{", '{"spans":'])
def test_a_document_of_nothing_but_beginnings_is_refused_with_a_sentence(
    tmp_path: Path, beginning: str
) -> None:
    path = tmp_path / "traces.json"
    path.write_text(beginning + "[" * 1_000_000, encoding="utf-8")
    with pytest.raises(InputError, match=r"traces\.json begins like no known trace format"):
        read_traces(path)


@pytest.mark.parametrize("beginning", ['{"resourceSpans":[', '{"resourceSpans":'])
def test_a_document_of_one_dialect_that_never_ends_is_rejected(tmp_path: Path, beginning: str) -> None:
    path = tmp_path / "traces.json"
    path.write_text(beginning + "[" * 1_000_000, encoding="utf-8")
    traces = read_traces(path)
    assert (traces.spans.height, traces.rejected.height) == (0, 1)


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 2**63 - 1), (-(2**63), 2**63 - 1), (2**63 - 2, 2**63 - 1), (BEGIN_NS, 2**63 - 1), (2**64, 2**64)],
)
def test_a_span_of_three_hundred_years_stops_no_diagnosis(tmp_path: Path, start: int, end: int) -> None:
    path = tmp_path / "traces.jsonl"
    odd = (
        otlp(2, '"plain"').replace(f'"{BEGIN_NS}"', f'"{start}"').replace(f'"{BEGIN_NS + 10**6}"', f'"{end}"')
    )
    path.write_text(f"{otlp(1, '1')}\n{odd}\n{otlp(3, '1')}\n", encoding="utf-8")
    spans = read_traces(path).spans
    assert {f"{1:016x}", f"{3:016x}"} <= set(spans["span_id"])
    tree = span_tree(spans.filter(pl.col("start").is_not_null()))
    assert (tree.end - tree.start <= 366 * 86_400 * 10**9).all()
    assert diagnose(spans=spans).incidents.is_empty()
