"""What is read exactly takes its place among what is read fast."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.read.access_log import AccessLog, read_access_log
from incident_kit.read.batches import Batch, plan_batches
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import find_formats
from incident_kit.read.rests import BATCHES_AT_ONCE, ROWS_AT_ONCE, completed
from incident_kit.read.sources.block import Block
from tests.laws import examples

FAST = '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /{} HTTP/1.1" 200 612 "-" "curl"'
EXACT = FAST.replace("curl", r"a \"curl\"")
KINDS = {"fast": FAST, "exact": EXACT, "rejected": "no request"}


@given(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=30))
@examples(40)
def test_every_line_stands_where_it_stood(kinds: list[str]) -> None:
    lines = [KINDS[kind].format(number) for number, kind in enumerate(kinds, start=1)]
    block = Block("access.log", 1, "".join(f"{line}\n" for line in lines).encode())
    batch = Batch(block, (), Reader(find_formats("nginx_combined")))
    (log,) = completed([batch.begin()])
    whole = batch.read()
    assert_frame_equal(log.requests, whole.requests)
    assert_frame_equal(log.rejected, whole.rejected)


SOURCES = {
    "a.log": ["fast", "rejected", "exact", "fast"],
    "b.log": ["exact"],
    "c.log": ["fast", "fast"],
    "d.log": ["exact", "rejected", "exact", "fast", "rejected"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, kinds in SOURCES.items():
        (tmp_path / name).write_text("".join(f"{KINDS[kind].format(name)}\n" for kind in kinds))
    return tmp_path


@pytest.mark.parametrize("tz", ["UTC", "Europe/Berlin"])
def test_lines_of_several_sources_are_read_as_those_of_each(folder: Path, tz: str) -> None:
    together, alone = (
        read_access_log(folder, tz=tz),
        [read_access_log(folder / name, tz=tz) for name in SOURCES],
    )
    assert_frame_equal(together.requests, pl.concat([log.requests for log in alone]))
    assert_frame_equal(together.rejected, pl.concat([log.rejected for log in alone]))


def test_sources_in_the_same_format_have_one_reader(folder: Path) -> None:
    (folder / "e.log").write_text('{"ts":1009843200.5,"request":{"method":"GET","uri":"/"},"status":200}\n')
    readers = {Path(batch.block.source).name: batch.reader for batch in plan_batches(folder)}
    assert readers["a.log"] is readers["d.log"]
    assert readers["a.log"] is not readers["e.log"]


def test_what_is_said_of_one_source_is_not_said_of_the_others(tmp_path: Path) -> None:
    tailed = [FAST.format("x") + " 0.2 0.1"] * 3
    for name, lines in {
        "a.log": [*tailed, "no request"],
        "b.log": [FAST.format("y"), EXACT.format("z")],
    }.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    together, alone = read_access_log(tmp_path), read_access_log(tmp_path / "a.log")
    assert together.notes == alone.notes != ()


def test_a_batch_knows_the_formats_of_its_own_lines_only(folder: Path) -> None:
    (folder / "b.log").write_text('10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 5\n')
    logs: list[AccessLog] = list(completed(batch.begin() for batch in plan_batches(folder)))
    assert [log.log_format for log in logs] == [
        "nginx_combined",
        "apache_common",
        "nginx_combined",
        "nginx_combined",
    ]


def test_batches_of_rejected_lines_alone_are_not_held_until_the_end() -> None:
    reader, lines = Reader(find_formats("nginx_combined")), b"no request\n" * ROWS_AT_ONCE
    begun = (Batch(Block("access.log", 1, lines), (), reader).begin() for _ in range(BATCHES_AT_ONCE + 1))
    next(completed(begun))
    assert len(list(begun)) == 1
