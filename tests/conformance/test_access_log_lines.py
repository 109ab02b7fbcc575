"""Other projects' parser tests, read by us: logstash-patterns-core, crowdsec's hub, apachelogs."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident_kit.errors import UnknownFormatError
from incident_kit.read.access_log import read_access_log

SHARED = Path(os.environ.get("INCIDENT_KIT_BENCHMARK_DATA", Path(__file__).parents[3] / "shared"))
LINES = SHARED / "conformance" / "access_log_lines.jsonl"
pytestmark = pytest.mark.skipif(not LINES.exists(), reason=f"the conformance data is not at {LINES}")

# What the suites assert by a habit of their own: (column, format) and why we differ. At most 2 % of the
# fields.
SKIPPED = {
    ("trace_id", "aws_alb"): "X-Ray ids are written as the spans write them, so that both join",
    ("user_agent", "aws_cloudfront"): "CloudFront's percent-encoding is undone; one suite keeps it",
}
GIVEN_SHARE, DETECTED_SHARE, RECOGNISED_SHARE, SKIPPED_SHARE = 0.98, 0.95, 0.95, 0.02
# Suites round to three decimals of a millisecond, and durations to milliseconds.
TOLERANCE_MS = 0.0005


def records() -> list[dict[str, Any]]:
    with LINES.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def fields(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in record["expect"].items()
        if name != "reject" and (name, record["format"]) not in SKIPPED
    }


def same(name: str, expected: Any, found: Any) -> bool:
    if expected is None or found is None:
        return expected is found
    if name == "timestamp":
        return datetime.fromisoformat(expected).astimezone(UTC) == found
    if name.endswith("_ms"):
        return abs(expected - found) <= TOLERANCE_MS
    return bool(expected == found)


def read_one(path: Path, raw: str, log_format: str | None) -> dict[str, Any] | None:
    path.write_text(raw + "\n", encoding="utf-8")
    try:
        log = read_access_log(path, log_format=log_format)
    except UnknownFormatError:
        return None
    return log.requests.row(0, named=True) if len(log.requests) else None


def score(tmp_path: Path, *, given: bool) -> tuple[int, int, int, list[str]]:
    """Return the fields asserted, the fields equal, the lines recognised, and what differs."""
    asserted = equal = recognised = 0
    differences = []
    for record in records():
        row = read_one(tmp_path / "line.log", record["raw"], record["format"] if given else None)
        if record["expect"].get("reject"):
            recognised += row is None
            continue
        recognised += row is not None
        for name, value in fields(record).items():
            asserted += 1
            if row is not None and same(name, value, row[name]):
                equal += 1
            else:
                found = None if row is None else row[name]
                differences.append(f"{record['id']} {record['format']} {name}: {value!r} is not {found!r}")
    return asserted, equal, recognised, differences


def test_with_the_format_given_the_fields_are_those_the_suites_assert(tmp_path):
    asserted, equal, _, differences = score(tmp_path, given=True)
    assert equal >= GIVEN_SHARE * asserted, "\n".join(differences)


def test_a_single_line_with_nothing_given_is_recognised_and_read(tmp_path):
    asserted, equal, recognised, differences = score(tmp_path, given=False)
    assert recognised >= RECOGNISED_SHARE * len(records()), "\n".join(differences)
    assert equal >= DETECTED_SHARE * asserted, "\n".join(differences)


def test_hardly_any_field_is_skipped():
    asserted = sum(len(record["expect"]) for record in records())
    skipped = asserted - sum(len(fields(record)) for record in records())
    assert skipped <= SKIPPED_SHARE * asserted
