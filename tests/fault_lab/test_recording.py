"""The files of a recording."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from fault_lab.errors import LabError
from fault_lab.recording import count_spans, write_gzip
from fault_lab.truth import Truth, iso

TRUTH = Truth(
    scenario="slow-database",
    kind="latency",
    start=iso(datetime(2026, 1, 1, 10, 0, 0, 123_000, tzinfo=UTC)),
    end=iso(datetime(2026, 1, 1, 10, 6, 0, tzinfo=UTC)),
    endpoint={"method": "GET", "route": "/cart/{id}"},
    dependency="postgresql",
    trace_sampling=1.0,
    seed=1,
)


def test_the_truth_has_the_agreed_shape(tmp_path) -> None:
    TRUTH.write(tmp_path / "truth.json")
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["start"] == "2026-01-01T10:00:00.123Z"
    assert truth["endpoint"] == {"method": "GET", "route": "/cart/{id}"}
    agreed = {"scenario", "kind", "start", "end", "endpoint", "dependency", "trace_sampling", "seed"}
    assert agreed <= set(truth)


def test_compressed_files_hold_no_time_so_that_equal_lines_give_equal_bytes(tmp_path) -> None:
    for name in ("a.gz", "b.gz"):
        assert write_gzip(tmp_path / name, ["one\n", "two\n"]) == 2
    packed = (tmp_path / "a.gz").read_bytes()
    assert packed == (tmp_path / "b.gz").read_bytes()
    assert packed[4:8] == bytes(4)
    assert gzip.decompress(packed) == b"one\ntwo\n"


def counted(path, ended: int, exported: int):
    path.with_suffix(".counts.json").write_text(json.dumps({"ended": ended, "exported": exported}))
    return path


def test_span_counts_of_all_processes_are_added_up(tmp_path) -> None:
    files = [counted(tmp_path / f"{name}.jsonl", 3, 3) for name in ("shop-1", "cart-2")]
    assert count_spans(files) == 6


def test_a_span_that_was_lost_on_the_way_spoils_the_recording(tmp_path) -> None:
    with pytest.raises(LabError, match=r"2 of 10 sampled spans were lost"):
        count_spans([counted(tmp_path / "shop-1.jsonl", 10, 8)])


def test_a_process_that_left_no_count_spoils_the_recording(tmp_path) -> None:
    with pytest.raises(LabError, match=r"shop-1 ended without saying"):
        count_spans([tmp_path / "shop-1.jsonl"])
