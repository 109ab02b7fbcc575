"""A Dask cluster, real worker processes: the same rollup as on this machine."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from incident_kit.engines import dask, local
from incident_kit.engines.rollup_file import SCHEMAS, read_rollup
from incident_kit.errors import ParameterError
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import find_formats
from incident_kit.read.sources.blocks import BLOCK_BYTES

CLUSTER = """
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        input()
"""


def assert_same(found: Rollup, expected: Rollup) -> None:
    assert found.meta == expected.meta
    for name in SCHEMAS:
        assert getattr(found, name).equals(getattr(expected, name)), name


@pytest.fixture(scope="module")
def logs(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A plain log of several blocks, whose places are sent, and a compressed one, whose bytes are."""
    plain = tmp_path_factory.mktemp("logs") / "access.log"
    day = b"".join(
        gzip.decompress((samples / name / "access.log.gz").read_bytes())
        for name in ("healthy", "bad-release")
    )
    plain.write_bytes(day)
    assert len(day) > BLOCK_BYTES
    return [plain, samples / "slow-database" / "access.log.gz"]


@pytest.mark.slow
def test_workers_of_its_own_count_the_same(incident_kit: Any, logs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "rollup.parquet"
    done = incident_kit("rollup", *logs, "--engine", "dask", "-o", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"{out} holds 108,630 requests, ")
    assert len(done.stderr.splitlines()) == 1
    assert_same(read_rollup(out), local.rollup(logs))


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    cluster = subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert cluster.stdin is not None
    assert cluster.stdout is not None
    yield cluster.stdout.readline().decode().strip()
    cluster.communicate(b"\n", timeout=60)


@pytest.mark.slow
def test_a_cluster_that_is_there_counts_the_same(
    incident_kit: Any, logs: list[Path], scheduler: str, tmp_path: Path
) -> None:
    out = tmp_path / "rollup.parquet"
    done = incident_kit("rollup", *logs, "--engine", "dask", "--scheduler", scheduler, "-o", out)
    assert done.returncode == 0, done.stderr
    assert_same(read_rollup(out), local.rollup(logs))


@pytest.mark.slow
def test_a_worker_keeps_its_reader_and_what_that_learns(scheduler: str) -> None:
    with Client(scheduler) as client:
        with_workers, reader = dask.shared(client), Reader(find_formats("nginx_combined"))
        places = {client.submit(id, with_workers(reader), pure=False).result() for _ in range(3)}
    assert len(places) == 1


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_said_in_one_sentence(
    incident_kit: Any, logs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    nobody = "tcp://127.0.0.1:1"
    done = incident_kit(
        "rollup", *logs, "--engine", "dask", "--scheduler", nobody, "-o", tmp_path / "rollup.parquet"
    )
    assert done.returncode == 2
    (sentence,) = done.stderr.strip().splitlines()
    assert f"No scheduler answers at {nobody}" in sentence


def test_a_scheduler_without_its_engine_is_refused(incident_kit: Any, tmp_path: Path) -> None:
    done = incident_kit("rollup", "access.log", "--scheduler", "tcp://x:1", "-o", tmp_path / "rollup.parquet")
    assert done.returncode == 2
    assert "add --engine dask" in done.stderr


def test_without_dask_the_mend_is_said(logs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParameterError, match=r"incident-kit\[dask\]"):
        dask.rollup(logs)
