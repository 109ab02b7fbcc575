"""A reader keeps what it learns from block to block; nothing that it reads depends on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pkgutil import iter_modules

import cloudpickle
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.measure.rollups.derived_columns import REPEATED, USED, derived_columns
from incident_kit.read import batches
from incident_kit.read.access_log import read_access_log
from incident_kit.read.batches import plan_batches
from incident_kit.read.parsing import exactly
from incident_kit.read.parsing import reader as reader_module
from incident_kit.read.parsing.exactly import Parsed
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import all_formats, find_formats
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.blocks import read_blocks
from incident_kit.read.sources.paths import Source
from tests.laws import examples
from tests.read import writers
from tests.read.writers.record import RECORDS, Record, Writer

ROWS = {row.name: row for row in all_formats()}
WRITERS: dict[str, Writer] = {}
for module in iter_modules(writers.__path__, f"{writers.__name__}."):
    WRITERS |= getattr(import_module(module.name), "WRITERS", {})
LINE = '10.0.{}.1 - - [10/Oct/2026:13:55:36 +0000] "GET /items/{} HTTP/1.1" 200 {} "-" "curl/8.5"'

TEXT = {pl.Categorical: pl.String}


def block_of(lines: list[str], first_line: int = 1) -> Block:
    return Block("some.log", first_line, ("\n".join(lines) + "\n").encode())


def written(writer: Writer, records: list[Record]) -> Block:
    head = filter(None, [writer.head])
    return block_of([*head, *(writer.line(writer.limits(record)) for record in records)])


def assert_same(one: Parsed, other: Parsed) -> None:
    assert_frame_equal(one.requests, other.requests, check_exact=True)
    assert_frame_equal(one.rejected, other.rejected)


@pytest.mark.parametrize("name", sorted(ROWS))
@examples(2)
@given(blocks=st.lists(st.lists(RECORDS, min_size=1, max_size=4), min_size=2, max_size=3))
def test_a_block_is_read_as_if_it_were_the_first(name, blocks):
    reader = Reader([ROWS[name]])
    for records in blocks:
        block = written(WRITERS[name], records)
        assert_same(reader.read(block), Reader([ROWS[name]]).read(block))


@pytest.mark.parametrize("name", ["caddy_json", "json", "traefik_clf", "aws_alb", "apache_vhost_combined"])
@examples(8)
@given(records=st.lists(RECORDS, min_size=2, max_size=9), hostile=st.text('{}"\\[] a:,', max_size=20))
def test_many_lines_of_another_format_are_read_as_a_few(name, records, hostile):
    first, other = WRITERS["nginx_combined"], WRITERS[name]
    lines = [(first, other)[place % 2].line(other.limits(record)) for place, record in enumerate(records)]
    reader, block = Reader([ROWS["nginx_combined"], ROWS[name]]), block_of([*lines, hostile, *lines])
    few = reader.exactly(block.lines())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exactly, "FEW", 0)
        assert_same(reader.exactly(block.lines()), few)


def test_threads_learn_together_and_read_what_one_would():
    blocks = [block_of([LINE.format(n, n % k, k) for n in range(200)]) for k in range(1, 30)]
    reader = Reader(find_formats("nginx_combined"))
    with ThreadPoolExecutor(3) as pool:
        for block, reading in zip(blocks, pool.map(reader.read, blocks), strict=True):
            assert_same(reading, Reader(find_formats("nginx_combined")).read(block))


def test_it_begins_anew_before_its_categories_pile_up(monkeypatch, tmp_path):
    monkeypatch.setattr(reader_module, "MAX_ENCODED_TEXTS", 100)
    path = tmp_path / "access.log"
    path.write_text("".join(LINE.format(0, f"word-{'x' * n}", n) + "\n" for n in range(90)))
    batch = next(plan_batches(path, columns=USED, added=derived_columns(), repeated=REPEATED))
    frames = [batch.begin()[0].requests for _ in range(3)]
    types = [frame["route"].dtype for frame in frames]
    assert types[0] == types[1] != types[2]
    assert isinstance(types[2], pl.Categorical)
    for frame in frames[1:]:
        assert_frame_equal(frame.cast(TEXT), frames[0].cast(TEXT))


def test_a_reader_travels_without_what_it_has_learned(tmp_path):
    path = tmp_path / "access.log"
    path.write_text("".join(LINE.format(0, n, n) + "\n" for n in range(9)))
    batch = next(plan_batches(path))
    log = batch.read()
    sent = cloudpickle.loads(cloudpickle.dumps(batch))
    assert_frame_equal(sent.read().requests, log.requests)


@pytest.mark.parametrize("size", [150, 1_000, 100_000])
def test_batches_come_in_the_order_of_the_lines_whatever_had_to_be_read_exactly(size, monkeypatch, tmp_path):
    paths = [tmp_path / name for name in ("one.log", "two.log", "last.log")]
    lines = [
        LINE.format(n, n % 7, n) if n % 5 else f"{LINE.format(n, 'a b', n)}{'!' * (n % 2)}" for n in range(99)
    ]
    for path in paths:
        path.write_text("\n".join(lines))
    expected = Reader(find_formats("nginx_combined")).read(block_of(lines))
    monkeypatch.setattr(batches, "read_blocks", partial(read_blocks, size=size))
    log = read_access_log(paths, log_format="nginx_combined")
    assert log.requests["line_number"].to_list() == expected.requests["line_number"].to_list() * 3
    assert_frame_equal(log.requests.head(len(expected.requests)).drop("source"), expected.requests)
    assert log.rejected["raw"].to_list() == expected.rejected["line"].to_list() * 3


@pytest.mark.parametrize("size", [1, 7, 64, 100, 1000])
def test_lines_are_cut_nowhere_whatever_the_size_of_blocks(size, tmp_path):
    path = tmp_path / "access.log"
    text = "".join(f"{'x' * (n % 13)}{n}\n" for n in range(50)) + "no final newline"
    path.write_text(text)
    blocks = list(read_blocks(Source(str(path)), size))
    assert b"".join(block.data for block in blocks) == text.encode() + b"\n"
    assert all(block.data.endswith(b"\n") for block in blocks)
    assert [block.first_line for block in blocks][:1] == [1]
    assert sum(len(block.line_ends) for block in blocks) == 51
