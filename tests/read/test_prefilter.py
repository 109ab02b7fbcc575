"""A format that reads a line is never thought unable to."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.prefilter import FEW, possible_formats
from incident_kit.read.parsing.registry import all_formats
from incident_kit.read.sources.block import Block
from tests.laws import examples

LINES = [sample.line for row in all_formats() for sample in row.samples]


def lines_of(*texts: str) -> pl.DataFrame:
    return Block("some.log", 1, ("\n".join(texts) + "\n").encode()).lines()


def reading(lines: pl.DataFrame) -> list[LogFormat]:
    return [row for row in all_formats() if row.layout.matches(lines).any()]


@pytest.mark.parametrize("line", LINES)
def test_whoever_reads_a_sample_is_likely_to(line: str) -> None:
    found = possible_formats(lines_of(*line.splitlines()), all_formats())
    assert [row for row in reading(lines_of(*line.splitlines())) if row not in found] == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            r' {"time":"2026-10-10T10:00:00Z","method":"GET","path":"/a","status":200}',
            id="a blank before the brace",
        ),
        pytest.param(
            r'{"time":"2026-10-10T10:00:00Z","method":"GET","path":"/a","st\u0061tus":200}',
            id="a key with an escape",
        ),
        pytest.param(
            r'{"time" :"2026-10-10T10:00:00Z","method" :"GET","path" :"/a","status" : 200}',
            id="blanks around the colon",
        ),
    ],
)
def test_whoever_reads_an_odd_object_is_likely_to(line: str) -> None:
    assert [row.name for row in reading(lines_of(line))] == ["json"]
    assert [row.name for row in possible_formats(lines_of(line), all_formats()) if row.name == "json"] == [
        "json"
    ]


@given(st.sampled_from(LINES), st.sampled_from(LINES), st.data())
@examples(40)
def test_whoever_reads_a_mixture_is_likely_to(one: str, other: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(one)))
    lines = lines_of(one[:at] + other[at:])
    found = possible_formats(lines, all_formats())
    assert [row for row in reading(lines) if row not in found] == []


def test_of_many_lines_the_same_are_likely_as_of_few() -> None:
    few, many = lines_of(*LINES[:3]), lines_of(*LINES[:3] * FEW)
    assert possible_formats(many, all_formats()) == possible_formats(few, all_formats())


def test_of_no_lines_nobody_is() -> None:
    assert possible_formats(lines_of("x").clear(), all_formats()) == []
