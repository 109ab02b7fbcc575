"""A rollup of a log of any size, and its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_kit.engines.local import rollup
from incident_kit.engines.rollup_file import is_rollup, read_rollup, write_rollup
from incident_kit.errors import SourceError
from incident_kit.measure.rollup import rollup_requests
from incident_kit.read.access_log import read_access_log

LINE = (
    '203.0.113.7 - - [10/Oct/2026:13:55:{:02} +0000] "GET /x/{} HTTP/1.1" 200 612 "-" "curl/8.5" rt=0.2{:02}'
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "access.log"
    path.write_text("".join(LINE.format(n % 60, n, n % 100) + "\n" for n in range(300)) + "damaged\n")
    return path


def test_a_streamed_rollup_is_the_rollup_of_the_whole_log(log):
    whole = read_access_log(log)
    assert rollup(log, bucket_s=10).counts.equals(rollup_requests(whole.requests, bucket_s=10).counts)
    assert rollup(log).meta.rejected == len(whole.rejected) == 1


def test_a_rollup_is_read_back_as_it_was_written(log, tmp_path):
    table, path = rollup(log), tmp_path / "out" / "rollup.parquet"
    write_rollup(table, path)
    again = read_rollup(path)
    assert is_rollup(path)
    assert again.meta == table.meta
    for name in ("counts", "latency", "upstreams", "attributes", "excluded", "exemplars"):
        assert getattr(again, name).equals(getattr(table, name))


def test_a_log_is_no_rollup(log):
    assert not is_rollup(log)
    assert not is_rollup("absent.parquet")
    with pytest.raises(SourceError, match=r"access\.log is no rollup"):
        read_rollup(log)


def test_every_line_is_counted_once_as_it_is_rolled_up(samples: Path) -> None:
    seen: list[int] = []
    meta = rollup(samples / "healthy" / "access.log.gz", seen=seen.append).meta
    assert meta.excluded > 0
    assert sum(seen) == meta.requests + meta.rejected
