"""Traces that came through the output of a program: in Docker's and Kubernetes' files, and other wrappers."""

import gzip
import json
from collections.abc import Callable

import pytest

from incident_kit.errors import UnknownFormatError
from incident_kit.read.parsing import wrapped_source
from incident_kit.read.spans.dialect import known_formats
from incident_kit.read.traces import read_traces

OTLP, CONSOLE, ZIPKIN, JAEGER = (
    known_formats()[name].sample.decode()
    for name in ("otlp-json", "otel-console", "zipkin-json", "jaeger-json")
)
BEFORE_COLON = OTLP.index(':{"stringValue"')
PRETTY = json.dumps(json.loads(CONSOLE), indent=4)
SPAN, TIME = "eee19b7ec3c1b174", "2026-10-10T13:55:36.123456789Z"


def cri(output: str, tag: str = "F") -> str:
    return "".join(f"{TIME} stdout {tag} {line}\n" for line in output.splitlines())


def docker(output: str, end: str = "\n") -> str:
    lines = ({"log": line + end, "stream": "stdout", "time": TIME} for line in output.splitlines())
    return "".join(f"{json.dumps(line)}\n" for line in lines)


@pytest.mark.parametrize(
    "content",
    [
        cri(OTLP),
        cri(OTLP[:100], "P") + cri(OTLP[100:200], "P") + cri(OTLP[200:]),
        cri(OTLP[:BEFORE_COLON], "P") + cri(OTLP[BEFORE_COLON:]),
        cri(PRETTY),
        docker(OTLP),
        docker(OTLP[:100], end="") + docker(OTLP[100:]) + docker("0 spans dropped"),
        docker(PRETTY),
        gzip.compress(docker(OTLP).encode()),
        f"{TIME} {OTLP}\n",
        f"{TIME} {json.dumps(json.loads(OTLP))}\n",
        f"collector-1  | {OTLP}\n",
        f"collector-1  | {TIME} {OTLP}\n",
        f"Oct 10 13:55:36 host otelcol[12]: {OTLP}\n",
        f"INFO: {OTLP}\n",
        f"null\t{OTLP}\n",
        f"key [1]: {ZIPKIN}\n",
    ],
    ids=[
        "CRI", "CRI in pieces", "CRI, a piece that begins like a logger's message", "CRI, pretty",
        "Docker", "Docker in pieces", "Docker, pretty", "Docker in an archive",
        "kubectl --timestamps", "kubectl --timestamps, JSON with blanks", "compose", "compose with times",
        "syslog", "java.util.logging", "a key of Kafka", "other text",
    ],
)  # fmt: skip
def test_spans_are_read_inside_what_wraps_the_lines(content: bytes | str, write_file: Callable) -> None:
    assert read_traces(write_file(content)).spans["span_id"].to_list() == [SPAN]


def test_other_output_between_wrapped_spans_is_rejected_with_its_line(write_file: Callable) -> None:
    traces = read_traces(write_file(cri(OTLP) + cri("Everything is ready.") + cri(OTLP)))
    assert traces.spans.height == 2
    (row,) = traces.rejected.to_dicts()
    assert (row["line_number"], row["raw"]) == (2, "Everything is ready.")


@pytest.mark.parametrize("chunk_bytes", [1, 500, 2**20])
def test_a_line_in_pieces_is_put_together_wherever_reading_pauses(
    chunk_bytes: int, write_file: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrapped_source, "CHUNK_BYTES", chunk_bytes)
    wrapped = cri(OTLP[:100], "P") + cri(OTLP[100:200], "P") + cri(OTLP[200:])
    traces = read_traces(write_file(wrapped * 20))
    assert (traces.spans.height, traces.rejected.height) == (20, 0)


def test_a_dialect_that_is_named_is_found_inside_too(write_file: Callable) -> None:
    assert read_traces(write_file(docker(OTLP)), trace_format="otlp-json").spans.height == 1


ZIPKINS, JAEGERS = json.loads(ZIPKIN)[0], json.loads(JAEGER)["data"][0]["spans"][0]


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        ({"took": 1, "hits": {"total": 2, "hits": [{"_source": ZIPKINS}, {"_source": ZIPKINS}]}}, 2),
        ({"_index": "zipkin-span-2026-10-10", "_id": "1", "_source": ZIPKINS}, 1),
        ({"responses": [{"hits": {"hits": [{"_source": JAEGERS}]}}, {"hits": {"hits": []}}]}, 1),
    ],
    ids=["an answer", "a hit a line", "an answer to several searches"],
)
def test_spans_are_found_in_answers_of_elasticsearch(content: dict, spans: int, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert (traces.spans.height, traces.rejected.height) == (spans, 0)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            {"took": 1, "hits": {"hits": [{"_source": {"transaction": {}}}]}},
            "JSON with the members took, hits",
        ),
        ({"TraceSummaries": [{"Id": "1-5b8efff7-98038103d269b633813fc60c"}]}, "BatchGetTraces returns"),
        ({"traces": [{"traceID": "a", "rootServiceName": "shop"}]}, "/api/traces/ID returns the spans"),
        ("<!DOCTYPE html><html></html>", "HTML or XML"),
        ("\0\1\2", "binary data"),
        ("[1, 2]", "JSON without members"),
        ("GET /?password=hunter2 200\n", r"lines such as 'GET /\?password=\*\*\* 200'"),
    ],
)
def test_what_is_no_trace_is_said_to_be_what_it_is(content, found: str, write_file: Callable) -> None:
    with pytest.raises(UnknownFormatError, match=f"but holds .*{found}"):
        read_traces(write_file(content))
