"""Traces drawn as text: every line a span, every character ten milliseconds."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import strategies as st

from incident_kit.schema import SPANS, conform

MS_A_CHARACTER = 10
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NS_PER_MS = 1e6
UNIT = 50  # nanoseconds; overlaps of a few are within a hundredth of a parent of ten
COLUMNS = ("trace", "service", "name", "kind", "status", "http_status", "route", "peer")
LINE = re.compile(
    r"^\s*(?P<span_id>\w+)(?:\s+<(?P<parent>\w+))?(?P<words>(?:\s+[\w.]+(?:=\S+)?)*)\s*:(?P<bar>[^:]*)$"
)


def _span(line: str) -> dict:
    drawn = LINE.match(line)
    assert drawn, f"no span is drawn in {line!r}"
    words = [word.partition("=") for word in drawn["words"].split()]
    said = {name: value for name, _, value in words}
    begin = len(drawn["bar"]) - len(drawn["bar"].lstrip())
    known = {name: said.pop(name) for name in COLUMNS if name in said}
    return {
        "trace_id": known.pop("trace", "t"),
        "span_id": drawn["span_id"],
        "parent_span_id": drawn["parent"],
        "service": known.pop("service", "s"),
        "name": known.pop("name", drawn["span_id"]),
        "start": BEGIN + timedelta(milliseconds=begin * MS_A_CHARACTER),
        "duration_ms": float(said.pop("ms", len(drawn["bar"].strip().strip("|")) * MS_A_CHARACTER)),
        "attributes": json.dumps(said, separators=(",", ":")),
        **known,
    }


@pytest.fixture
def draw() -> Callable[[str], pl.DataFrame]:
    """Return a function from a drawing to SPANS.

    A line is `id <parent kind=server status=error any=attribute : bar`. The bar begins where the span does;
    a bar of one `|` takes no time, `ms=-5` sets a duration that cannot be drawn.
    """

    def drawing(text: str) -> pl.DataFrame:
        rows = pl.DataFrame(
            [_span(line) for line in text.splitlines() if line.strip()], infer_schema_length=None
        )
        return conform(rows, SPANS)

    return drawing


@st.composite
def _forests(choose: st.DrawFn) -> pl.DataFrame:
    """Any spans at all: parents that are missing, above, below or themselves, times that overlap at will."""
    starts = choose(st.lists(st.integers(0, 25), min_size=1, max_size=14, unique=True))
    ids = [f"{number:016x}" for number in range(1, len(starts) + 1)]
    rows = [
        {
            "trace_id": choose(st.sampled_from("tu")),
            "span_id": span_id,
            "parent_span_id": choose(st.sampled_from([None, "lost", *ids])),
            "service": choose(st.sampled_from("xy")),
            "kind": choose(st.sampled_from(["server", "producer", "consumer", None])),
            "start": UNIT * start + choose(st.integers(0, 6)),
            "duration_ms": (UNIT * choose(st.integers(-1, 12)) + choose(st.integers(0, 6))) / NS_PER_MS,
        }
        for span_id, start in zip(ids, starts, strict=True)
    ]
    return conform(pl.DataFrame(rows, infer_schema_length=None), SPANS)


@pytest.fixture(scope="session")
def forests() -> st.SearchStrategy[pl.DataFrame]:
    return _forests()
