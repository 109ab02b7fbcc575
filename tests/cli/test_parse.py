"""`parse` turns logs into one table and keeps what is no request."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from incident_kit.schema import REQUESTS
from tests.cli.sentences import UNUSABLE


@pytest.fixture
def damaged(samples: Path, tmp_path: Path) -> Path:
    with gzip.open(samples / "healthy" / "access.log.gz", "rt", encoding="utf-8") as log:
        lines = [next(log) for _ in range(200)]
    lines[10] = "this is no request\n"
    path = tmp_path / "access.log"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("requests.parquet", pl.read_parquet),
        ("requests.jsonl", pl.read_ndjson),
        ("requests.csv", pl.read_csv),
    ],
)
def test_requests_are_written_in_the_format_that_the_name_ends_with(
    incident_kit, damaged: Path, tmp_path: Path, name: str, read
) -> None:
    done = incident_kit("parse", damaged, "-o", tmp_path / name)
    assert done.returncode == 0, done.stderr
    table = read(tmp_path / name)
    assert table.columns == list(REQUESTS)
    assert table.height == 199


def test_rejected_lines_are_kept_with_their_place_and_reason(
    incident_kit, damaged: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    incident_kit("parse", damaged, "-o", tmp_path / "requests.parquet", "--rejects", rejects)
    (row,) = pl.read_ndjson(rejects).to_dicts()
    assert (row["line_number"], row["raw"]) == (11, "this is no request")
    assert row["reason"]


def test_explain_says_the_format_and_shows_lines_of_each_kind(incident_kit, damaged: Path) -> None:
    done = incident_kit("parse", damaged, "--explain")
    assert "format: nginx" in done.stdout
    assert "    line 11: this is no request (It does not fit nginx_combined rt" in done.stdout


def test_explain_shows_what_a_line_holds_and_no_heading_without_lines(incident_kit, samples: Path) -> None:
    told = incident_kit("parse", samples / "healthy" / "access.log.gz", "--explain").stdout.splitlines()
    (heading,) = (number for number, line in enumerate(told) if line == "  the first 3 requests:")
    first = dict(field.split("=", 1) for field in told[heading + 1].split())
    assert first.keys() <= {"line_number", "start_time", "method", "target", "status", "duration_ms"}
    assert datetime.fromisoformat(first["start_time"]).tzinfo is UTC
    assert first["line_number"] == "1"
    assert told[heading + 4 :] == ["  no line was rejected at its beginning"]


def test_explain_tells_of_every_source_and_what_is_around_its_lines(
    incident_kit, damaged: Path, tmp_path: Path
) -> None:
    squid = tmp_path / "squid.log"
    line = "1791640536.250 250 203.0.113.7 TCP_MISS/200 612 GET http://a.b/x - HIER_DIRECT/10.0.0.1 -"
    squid.write_text(f"Oct 10 13:55:36 proxy-1 squid[7]: {line}\n", encoding="utf-8")
    told = incident_kit("parse", damaged, squid, "--explain").stdout
    assert told.index(str(damaged)) < told.index("format: nginx") < told.index(str(squid))
    assert "  format: squid inside syslog (1 of the first 1 line fit)" in told


def test_standard_input_is_read(incident_kit, damaged: Path) -> None:
    done = incident_kit("parse", "-", "--explain", stdin=damaged.read_bytes())
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Read 199 requests, written as nginx_combined rt")
    assert done.stderr.endswith("; 1 line was rejected.\n")


@pytest.mark.parametrize("verb", ["parse", "rollup", "diagnose"])
def test_a_log_that_was_cut_off_is_told_by_every_verb_that_reads_it(
    incident_kit, samples: Path, tmp_path: Path, verb: str
) -> None:
    log = tmp_path / "access.log.gz"
    log.write_bytes((samples / "healthy" / "access.log.gz").read_bytes()[:300_000])
    done = incident_kit(verb, log, *(["-o", tmp_path / "out.parquet"] if verb != "diagnose" else []))
    assert done.returncode == 0
    assert f"{log} is damaged after " in done.stdout + done.stderr


def test_standard_input_is_the_source_of_its_lines(incident_kit, damaged: Path, tmp_path: Path) -> None:
    piped = incident_kit("parse", "-", "-o", tmp_path / "piped.parquet", stdin=damaged.read_bytes())
    assert piped.returncode == 0
    assert pl.read_parquet(tmp_path / "piped.parquet")["source"].unique().to_list() == ["-"]


def test_a_log_that_cannot_be_read_makes_no_file_and_empties_none(incident_kit, tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    (tmp_path / "there.csv").write_text("kept")
    for name in ("there.csv", "new.csv"):
        assert incident_kit("parse", "empty.log", "-o", name, cwd=tmp_path).returncode == UNUSABLE
    assert (tmp_path / "there.csv").read_text() == "kept"
    assert not (tmp_path / "new.csv").exists()
