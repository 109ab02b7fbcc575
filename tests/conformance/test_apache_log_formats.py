"""Apache's format strings as apachelogs tests them: every directive's value is found where we keep it."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident_kit.read.access_log import read_access_log

SHARED = Path(os.environ.get("INCIDENT_KIT_BENCHMARK_DATA", Path(__file__).parents[3] / "shared"))
ENTRIES = SHARED / "conformance" / "apache_log_formats.jsonl"
pytestmark = pytest.mark.skipif(not ENTRIES.exists(), reason=f"the conformance data is not at {ENTRIES}")

COLUMNS = {
    "h": "client_ip", "a": "client_ip", "u": "user", "m": "method", "U": "path", "H": "http_version",
    "s": "status", "b": "bytes_sent", "O": "bytes_sent", "v": "host", "T": "duration_ms",
    "{referer}i": "referer", "{user-agent}i": "user_agent", "{remote}p": "client_port",
    "{ms}T": "duration_ms", "{s}T": "duration_ms",
}  # fmt: skip
UNITS = {"T": 1000, "{s}T": 1000}
# Habits of that suite which we do not share.
SKIPPED = {
    ("test_parse[11]", "%U"): "bytes beyond ASCII are read as UTF-8, not as Latin-1",
    ("test_parse[20]", "%{User-Agent}i"): "bytes beyond ASCII are read as UTF-8, not as Latin-1",
    ("test_parse[34]", "%q"): "an empty query is none",
    ("test_parse[10]", "%{%z}t"): "the instant is kept, in UTC",
    ("test_parse[11]", "%{%z}t"): "the instant is kept, in UTC",
    ("test_parse[22]", "%>{%z}t"): "the instant is kept, in UTC",
}
SUITE_ZONES = {"test_parse[22]": -4}


def entries() -> list[dict[str, Any]]:
    with ENTRIES.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def bare(directive: str) -> str:
    """Return a directive without its conditions and redirections: `%>{s}!200T` becomes `{s}T`."""
    parameter = re.search(r"\{[^}]*\}", directive)
    letter = directive[-1]
    return (parameter[0].lower().replace("{}", "") if parameter and letter != "t" else "") + letter


def found(row: dict[str, Any], extra: dict[str, Any], directive: str) -> Any:
    if directive in extra:
        return extra[directive]
    name = bare(directive)
    if name == "r":
        return row["target"] and f"{row['method']} {row['target']} HTTP/{row['http_version']}"
    if name == "q":
        return "?" + row["query"] if row["query"] else None
    value = row.get(COLUMNS.get(name, ""))
    if name == "H":
        return value and f"HTTP/{value}"
    return value / UNITS[name] if value is not None and name in UNITS else value


def time_part(row: dict[str, Any], directive: str, hours: int) -> Any:
    """Return the part of the timestamp that a form such as `%{%Y}t` or `%{usec_frac}t` writes."""
    if row["timestamp"] is None:
        return None
    local = row["timestamp"] + timedelta(hours=hours)
    parts = {
        "%Y": local.year, "%m": local.month, "%d": local.day,
        "%H": local.hour, "%M": local.minute, "%S": local.second,
        "msec_frac": local.microsecond // 1000, "usec_frac": local.microsecond,
    }  # fmt: skip
    form = re.search(r"\{([^}]*)\}", directive)
    return parts[form[1]] if form and form[1] else local


def asserted(directive: str, expected: Any) -> Any:
    """Return what the suite asserts as we say it: an empty value is none, a time an instant."""
    if isinstance(expected, str) and bare(directive) == "t":
        return datetime.fromisoformat(expected)
    return None if expected == "" else expected


def is_loser(directive: str, others: list[str]) -> bool:
    """Return whether another directive of the same meaning has the column, so that this one is in `extra`."""
    rivals = [one for one in others if bare(one) == bare(directive)]
    original = {one: "<" in one or (">" not in one and one[-1] in "sUTDr") for one in rivals}
    return directive != min(rivals, key=lambda one: (any(mark.isdigit() for mark in one), original[one]))


@pytest.mark.parametrize("entry", entries() if ENTRIES.exists() else [], ids=lambda entry: entry["id"])
def test_every_directive_has_the_value_the_suite_asserts(tmp_path, entry):
    path = tmp_path / "access.log"
    path.write_text(entry["raw"] + "\n", encoding="utf-8")
    log = read_access_log(path, log_format=f"apache:{entry['log_format']}")
    assert len(log.requests) == 1, log.rejected
    row = log.requests.row(0, named=True)
    extra = json.loads(row["extra"] or "{}")
    for directive, expected in entry["directives"].items():
        if (entry["id"], directive) in SKIPPED:
            continue
        if is_loser(directive, list(entry["directives"])) and bare(directive) != "t":
            value = extra.get(directive)
        elif bare(directive) == "t":
            value = time_part(row, directive, SUITE_ZONES.get(entry["id"], 0))
        else:
            value = found(row, extra, directive)
        assert value == asserted(directive, expected), directive
