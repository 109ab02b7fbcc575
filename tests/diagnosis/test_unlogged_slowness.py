"""A log without durations says nothing of latency; traces that are brought along do."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import incident_kit as ik


@pytest.mark.parametrize(
    ("sample", "timed", "said"),
    [("slow-database", False, True), ("slow-database", True, False), ("healthy", False, False)],
)
def test_slowness_that_only_traces_show_is_said(samples: Path, sample: str, timed: bool, said: bool) -> None:
    folder = samples / sample
    requests = ik.read_access_log(folder / "access.log.gz").requests
    spans = ik.read_traces(folder / "traces.jsonl.gz").spans
    untimed = pl.lit(None, dtype=pl.Float64)
    given = requests if timed else requests.with_columns(duration_ms=untimed, upstream_duration_ms=untimed)
    found = ik.diagnose(given, spans)
    findings = found.findings.filter(id="unlogged-slowness")
    assert findings.height == said
    assert ("By their traces requests were slow" in str(found)) is said


def test_traces_alone_are_the_requests_themselves(samples: Path) -> None:
    spans = ik.read_traces(samples / "slow-database" / "traces.jsonl.gz").spans
    assert "unlogged-slowness" not in ik.diagnose(spans=spans).findings["id"].to_list()
