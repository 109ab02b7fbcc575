"""Spans written in every dialect come back as they were, and the same from all of them."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.read.traces import read_traces
from incident_kit.schema import SPANS, conform
from tests.laws import examples

NOON = 1_750_000_000_000_000
# Names that a dialect holds elsewhere than among the attributes.
RESERVED = {"error", "span.kind", "otel.status_code", "service.name"}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["http.route", "http.response.status_code", "db.system.name", "server.address", "a b", 'q"\\']
    )
    | TEXT.filter(lambda name: name and name not in RESERVED),
    TEXT | st.sampled_from(["200", "/cart/{id}", '{"key":', '"}},', ":5,", "postgresql"]),
    max_size=5,
)
SPAN = st.fixed_dictionaries(
    {
        "trace_id": st.integers(1, 2**128 - 1).map("{:032x}".format),
        "parent_span_id": st.none() | st.integers(1, 2**64 - 1).map("{:016x}".format),
        "service": st.sampled_from(["shop", "cart", "größe"]),
        "name": st.sampled_from(["GET /", "SELECT", 'say "hi"']),
        "kind": st.sampled_from(["internal", "server", "client", "producer", "consumer"]),
        "status": st.sampled_from(["unset", "ok", "error"]),
        "start": st.integers(NOON, NOON + 10**9).map(lambda microseconds: microseconds * 1000),
        "duration_ms": st.integers(0, 10**7).map(lambda microseconds: microseconds / 1000),
    }
)


@st.composite
def some_spans(choose: st.DrawFn) -> pl.DataFrame:
    drawn = choose(st.lists(SPAN, min_size=1, max_size=5))
    numbered = [
        span
        | {
            "span_id": f"{number:016x}",
            "attributes": json.dumps(choose(ATTRIBUTES) | {"service.name": span["service"]}),
        }
        for number, span in enumerate(drawn, 1)
    ]
    return conform(pl.DataFrame(numbered, infer_schema_length=None), SPANS)


def parsed(spans: pl.DataFrame) -> list[dict]:
    """Return the spans in one order, their attributes parsed, for the order of members says nothing."""
    return [
        row | {"attributes": json.loads(row["attributes"])}
        for row in spans.sort("span_id").iter_rows(named=True)
    ]


def read_back(content: bytes) -> pl.DataFrame:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "traces"
        path.write_bytes(content)
        traces = read_traces(path)
    assert traces.rejected.is_empty()
    return traces.spans


@given(some_spans())
@examples(25)
def test_what_was_written_comes_back(writer: Callable[[pl.DataFrame], bytes], spans: pl.DataFrame) -> None:
    written = spans.drop("http_status", "route", "peer")
    assert parsed(read_back(writer(spans)).select(written.columns)) == parsed(written)


@given(some_spans())
@examples(25)
def test_the_same_traces_are_the_same_in_every_dialect(writers: dict, spans: pl.DataFrame) -> None:
    first, *others = (parsed(read_back(write(spans))) for write in writers.values())
    assert others == [first] * len(others)
