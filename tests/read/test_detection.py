"""Which format a log is in: whoever reads every line whole is found first, and nobody asks those after it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from incident_kit.errors import UnknownFormatError
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.layouts.template import Slot, Template
from incident_kit.read.log_formats.nginx import FORMATS
from incident_kit.read.parsing.detection import detect
from incident_kit.read.parsing.registry import all_formats
from incident_kit.read.parsing.wrappers import detect_inside
from incident_kit.read.sources.block import Block

COMBINED = next(row for row in FORMATS if row.name == "nginx_combined")
LINE = COMBINED.samples[0].line
CRI = "2026-10-10T10:00:00.123456789Z stdout F "
DOCKER = '{{"log":"{}\\n","stream":"stdout","time":"2026-10-10T10:00:00.123456789Z"}}'
STRAY = "a line of another kind"
ANYTHING = Template((Slot("everything", quoted=True),))


class NeverAsked(Template):
    """A layout of lines that is not to be tried on any."""

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        raise AssertionError(f"It was asked of {len(lines)} lines.")


def block_of(*lines: str) -> Block:
    return Block("some.log", 1, "".join(f"{line}\n" for line in lines).encode())


def names(formats: tuple[LogFormat, ...]) -> list[str]:
    return [row.name for row in formats]


def test_formats_after_one_that_reads_every_line_whole_are_not_asked():
    later = replace(COMBINED, name="later", layout=NeverAsked(COMBINED.layout.parts))
    found = detect(block_of(LINE, LINE).lines(), [COMBINED, later], "some.log")
    assert names(found.formats) == ["nginx_combined", "later"]
    assert (found.recognised, found.sampled) == (2, 2)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([LINE], ["nginx_combined", "anything"], id="the one that reads every line whole"),
        pytest.param([LINE, STRAY], ["nginx_combined", "anything"], id="the one that reads some line whole"),
        pytest.param([STRAY], ["anything", "nginx_combined"], id="the only one that reads a line"),
    ],
)
def test_a_format_that_accepts_any_rest_comes_after_those_that_read_a_line_whole(lines, expected):
    anything = replace(COMBINED, name="anything", layout=ANYTHING, open_ended=True)
    assert names(detect(block_of(*lines).lines(), [anything, COMBINED], "some.log").formats) == expected


def test_no_format_reads_no_lines():
    with pytest.raises(UnknownFormatError):
        detect(block_of(LINE).lines().clear(), all_formats(), "some.log")


@pytest.mark.parametrize(
    ("lines", "wrappers", "recognised"),
    [
        pytest.param([LINE] * 3, [], 3, id="bare"),
        pytest.param([CRI + LINE] * 3, ["cri"], 3, id="in one that others would fit as well"),
        pytest.param([LINE, STRAY, LINE], [], 2, id="bare, with a line that is none"),
        pytest.param([LINE, LINE, CRI + LINE], [], 2, id="more of them bare than in a wrapper"),
        pytest.param([LINE, CRI + LINE, CRI + LINE], ["cri"], 2, id="more of them in a wrapper than bare"),
        pytest.param([CRI + STRAY, CRI + LINE], ["cri"], 1, id="in a wrapper, with a line that is none"),
        pytest.param(
            [CRI + DOCKER.format(LINE.replace('"', '\\"'))] * 3, ["cri", "docker"], 3, id="in two wrappers"
        ),
    ],
)
def test_a_wrapper_is_believed_when_more_can_be_read_inside(lines, wrappers, recognised):
    found = detect_inside(block_of(*lines), all_formats())
    assert [wrapper.name for wrapper in found.wrappers] == wrappers
    assert found.detection.recognised == recognised
    assert found.detection.formats[0].name == "nginx_combined"
