"""A rollup of a log of any size, and its file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from incident_kit.engines.evidence import gather
from incident_kit.engines.local import rollup
from incident_kit.engines.rollup_file import are_rollups, is_rollup, read_rollup, write_rollup
from incident_kit.errors import ParameterError, SourceError
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.read.access_log import read_access_log
from incident_kit.read.sources.parquet import ROLLUP
from incident_kit.slo import Targets

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
    for name in TABLES:
        assert getattr(again, name).equals(getattr(table, name))


def test_a_log_is_no_rollup(log):
    assert not is_rollup(log)
    assert not is_rollup("absent.parquet")
    with pytest.raises(SourceError, match=r"access\.log is no rollup"):
        read_rollup(log)
    with pytest.raises(SourceError, match=r"There is no file absent\.parquet"):
        read_rollup("absent.parquet")


TABLES = ("counts", "latency", "upstreams", "attributes", "excluded", "exemplars")


@pytest.fixture
def hours(tmp_path: Path) -> list[Path]:
    """The logs of two hours, and the rollup of each beside it."""
    logs = [tmp_path / f"hour-{hour}.log" for hour in (13, 14)]
    for hour, log in zip((13, 14), logs, strict=True):
        lines = (
            LINE.replace("13:55", f"{hour}:{n // 60:02}").format(n % 60, n, n % 100) for n in range(3600)
        )
        log.write_text("\n".join(lines))
        write_rollup(rollup(log), log.with_suffix(".parquet"))
    return logs


def test_rollups_of_hours_add_up_to_the_rollup_of_the_whole_log(hours: list[Path]) -> None:
    whole, added = rollup(hours), read_rollup(f"{hours[0].parent}/hour-*.parquet")
    assert added.meta == whole.meta
    for name in TABLES:
        assert getattr(added, name).equals(getattr(whole, name)), name
    gathered = gather([hour.with_suffix(".parquet") for hour in reversed(hours)]).requests
    assert gathered.counts.equals(whole.counts)


def test_a_rollup_does_not_add_up_with_a_log_or_with_another_threshold(hours: list[Path]) -> None:
    made = [hour.with_suffix(".parquet") for hour in hours]
    with pytest.raises(SourceError, match=r"hour-13\.parquet cannot be read together with .*hour-14\.log"):
        are_rollups([made[0], hours[1]])
    write_rollup(rollup(hours[1], targets=Targets(latency_ms=300)), made[1])
    with pytest.raises(ParameterError, match="make them all with one threshold"):
        read_rollup(made)


def as_json(**changes: Any) -> Callable[[str], str]:
    return lambda meta: json.dumps(json.loads(meta) | changes)


@pytest.mark.parametrize(
    ("meta", "rows", "says"),
    [
        (lambda _: "{", pl.DataFrame.lazy, "Expecting property name"),
        (lambda _: "[1]", pl.DataFrame.lazy, "no names with values"),
        (lambda _: "[" * 100_000, pl.DataFrame.lazy, "recursion"),
        (as_json(schema="incident-kit/rollup/9"), pl.DataFrame.lazy, "its schema is incident-kit/rollup/9"),
        (as_json(first="yesterday"), pl.DataFrame.lazy, "'yesterday'"),
        (as_json(bucket_s=0), pl.DataFrame.lazy, "its buckets are 0 s and"),
        (as_json(coarse_bucket_s=10**30), pl.DataFrame.lazy, "its buckets are"),
        (as_json(coarse_bucket_s=float("inf")), pl.DataFrame.lazy, "coarse_bucket_s"),
        (as_json(requests="many"), pl.DataFrame.lazy, "requests"),
        (as_json(excluded=None), pl.DataFrame.lazy, "excluded"),
        (as_json(first=[]), pl.DataFrame.lazy, "first"),
        (as_json(notes=[1]), pl.DataFrame.lazy, "notes"),
        (lambda _: '{"bucket_s": 1}', pl.DataFrame.lazy, "missing 2 required"),
        (str, lambda rows: rows.lazy().drop("slow"), 'unable to find column "slow"'),
        (str, lambda rows: rows.lazy().drop("table"), 'unable to find column "table"'),
        (str, lambda rows: rows.lazy().with_columns(requests=pl.lit("x")), "conversion from `str`"),
    ],
)
def test_a_damaged_rollup_or_one_of_another_version_is_refused_in_a_line(
    log: Path,
    tmp_path: Path,
    *,
    meta: Callable[[str], str],
    rows: Callable[[pl.DataFrame], pl.LazyFrame],
    says: str,
) -> None:
    path = tmp_path / "rollup.parquet"
    write_rollup(rollup(log), path)
    written = pl.read_parquet_metadata(path)[ROLLUP]
    rows(pl.read_parquet(path)).collect().write_parquet(path, metadata={ROLLUP: meta(written)})
    with pytest.raises(SourceError) as refused:
        read_rollup(path)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith("roll its log up again.")


def test_a_rollup_of_before_the_schema_was_written_is_read(log: Path, tmp_path: Path) -> None:
    path, table = tmp_path / "rollup.parquet", rollup(log)
    write_rollup(table, path)
    meta = json.loads(pl.read_parquet_metadata(path)[ROLLUP])
    assert meta.pop("schema")
    pl.read_parquet(path).write_parquet(path, metadata={ROLLUP: json.dumps(meta)})
    assert read_rollup(path).meta == table.meta


def test_every_line_is_counted_once_as_it_is_rolled_up(samples: Path) -> None:
    seen: list[int] = []
    meta = rollup(samples / "healthy" / "access.log.gz", seen=seen.append).meta
    assert meta.excluded > 0
    assert sum(seen) == meta.requests + meta.rejected
