"""A log without trace ids joins its spans by the request id, where that is the trace id."""

from __future__ import annotations

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.measure.spans.request_id_traces import traced_by_request_id
from incident_kit.schema import REQUESTS, SPANS, conform

TRACE = "0af7651916cd43dd8448eb211c80319c"
OTHER = "1" * 32


def both(trace_id: str | None, request_id: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    log = pl.DataFrame({"start_time": [None], "trace_id": [trace_id], "request_id": [request_id]})
    spans = pl.DataFrame({"trace_id": [TRACE, OTHER, TRACE], "span_id": ["a", "b", "c"]})
    return conform(log, REQUESTS), conform(spans, SPANS)


@pytest.mark.parametrize(
    ("trace_id", "request_id", "found"),
    [
        (None, TRACE, TRACE),
        (None, "0AF76519-16CD-43DD-8448-EB211C80319C", TRACE),
        (None, "2" * 32, None),
        (None, "r-1", None),
        (None, None, None),
        (OTHER, TRACE, OTHER),
        ("2" * 32, TRACE, "2" * 32),
    ],
)
def test_a_request_id_that_is_a_trace_stands_for_an_absent_trace_id(
    trace_id: str | None, request_id: str | None, found: str | None
) -> None:
    requests, spans = both(trace_id, request_id)
    assert traced_by_request_id(requests, spans)["trace_id"].to_list() == [found]


def test_all_that_reads_both_joins_them(tmp_path) -> None:
    path = tmp_path / "access.log"
    path.write_text(
        f'127.0.0.1 [2026-01-05T08:00:00+00:00] "GET / HTTP/1.1" 200 0.020 {TRACE}\n', encoding="utf-8"
    )
    span = pl.DataFrame(
        {"trace_id": [TRACE], "span_id": ["a"], "start": ["2026-01-05T08:00:00Z"], "duration_ms": [20]}
    )
    span.write_csv(tmp_path / "spans.csv")
    form = 'nginx:$remote_addr [$time_iso8601] "$request" $status $request_time $request_id'
    read = ik.gather(path, tmp_path / "spans.csv", log_format=form)
    assert read.requests["trace_id"].to_list() == [TRACE]
    log, traces = ik.read_access_log(path, log_format=form), ik.read_traces(tmp_path / "spans.csv")
    assert ik.diagnose(log.requests, traces.spans).inputs["joined"] == 1.0
