"""Lines that clients made to stop whoever reads them: none takes the others with it, or hours.

A pattern that looks for its end from every character of such a line would never come back within this test.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.engines.local import rollup
from incident_kit.errors import UnknownFormatError
from incident_kit.read.access_log import read_access_log
from incident_kit.read.layouts.json_shapes import marked
from incident_kit.read.layouts.repaired_json import repaired_json
from incident_kit.read.layouts.repaired_pairs import repaired_pairs

LONG = 1_000_000
JSON = '{"time":"2026-01-01T10:00:00Z","method":"GET","path":"/a","status":200,"duration":%s,"x":%s}'
LOGFMT = "time=2026-01-01T10:00:00Z method=GET path=/a status=200 duration=5ms msg=%s"
CLF = '10.0.0.1 - - [01/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "%s"'
GOOD = 30


@pytest.mark.parametrize(
    ("good", "hostile"),
    [
        (JSON % ('"5ms"', 1), JSON.replace("2026-01-01T10:00:00Z", "1.5e999999999") % ('"5ms"', 1)),
        (JSON % ('"5ms"', 1), JSON.replace("2026-", "0001-") % ('"5ms"', 1)),
        (JSON % ('"5ms"', 1), JSON.replace("2026-", "-0001-") % ('"5ms"', 1)),
        (JSON % ('"5ms"', 1), JSON.replace("2026-01", "9999-12") % ('"5ms"', 1)),
        (CLF % "curl", CLF.replace("2026", "0000") % "curl"),
        (JSON % ('"5ms"', 1), JSON % ('"1h' + "1" * LONG + 'x"', 1)),
        (JSON % ('"5ms"', 1), JSON % ('"5ms"', "[" * 100_000)),
        (JSON % ('"5ms"', 1), JSON % ('"5ms"', '{"a":' * 100_000)),
        (JSON % ('"5ms"', 1), JSON % ('"5ms"', "9" * LONG)),
        (JSON % ("5", "-"), JSON % ("5", ":" * LONG)),
        (JSON % ("5", "-"), JSON % ("5", '"' + '\\"' * (LONG // 2))),
        (LOGFMT % "a", LOGFMT % ("a" + " " * LONG + "!")),
        (CLF % "curl", CLF % ("\\" * LONG)),
        (CLF % "curl", '"' * LONG),
    ],
    ids=[
        "an exponent", "a time that was never set", "a year before all", "the last year", "no year",
        "digits without a unit", "lists in lists", "objects in objects",
        "a number", "colons without quotes", "a string without an end", "blanks", "backslashes", "quotes",
    ],
)  # fmt: skip
def test_a_hostile_line_among_good_ones_is_read_or_rejected_and_nothing_else(
    tmp_path: Path, good: str, hostile: str
) -> None:
    path = tmp_path / "access.log"
    path.write_text(f"{good}\n" * GOOD + f"{hostile}\n", encoding="utf-8")
    log = read_access_log(path)
    assert len(log.requests) + len(log.rejected) == GOOD + 1
    assert log.requests["line_number"][:GOOD].to_list() == list(range(1, GOOD + 1))


@pytest.mark.parametrize("year", ["0000", "0001", "9999"])
@pytest.mark.parametrize("line", [CLF % "curl", JSON % ('"5ms"', 1)], ids=["combined", "json"])
def test_a_line_of_no_clocks_year_stops_no_diagnosis(tmp_path: Path, line: str, year: str) -> None:
    """Go writes a time that was never set as one of the year 1, before which Python knows none."""
    path = tmp_path / "access.log"
    path.write_text(f"{line}\n" * GOOD + f"{line.replace('2026', year)}\n", encoding="utf-8")
    for found in (diagnose(read_access_log(path).requests), diagnose(rollup(path))):
        assert found.incidents.is_empty()


@pytest.mark.parametrize("piece", [":", "a:", "[", "{", '{"a":', '\\"', "a=", 'a="b" ', " ", "1."])
def test_a_log_of_nothing_else_is_refused_with_a_sentence(tmp_path: Path, piece: str) -> None:
    path = tmp_path / "access.log"
    path.write_text(f"x{piece * (LONG // 10)}\n{piece * (LONG // 10)}x\n", encoding="utf-8")
    with pytest.raises(UnknownFormatError, match="none of its first 2 lines fits"):
        read_access_log(path)


@pytest.mark.parametrize("piece", [":", "a:", ': "', ': ,"', '\\"', '" "', " ", "{"])
def test_json_of_any_length_is_made_legible(piece: str) -> None:
    line = "{" + piece * (LONG // len(piece))
    assert repaired_json(line, loose=True).startswith("{")
    assert marked(line)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('{"a":-,"b":1}', {"a": "-", "b": 1}),
        ('{"a": 0.1, 0.2 ,"b":1}', {"a": "0.1, 0.2", "b": 1}),
        ('{"a":, "b":}', {"a": None, "b": None}),
        ('{"a":12:30, "b":"x:y, \\"z\\""}', {"a": "12:30", "b": 'x:y, "z"'}),
        ('{"a":::, "b":-1.5e3}', {"a": "::", "b": -1500.0}),
    ],
)
def test_what_stands_without_quotes_ends_where_the_next_key_begins(written: str, meant: dict) -> None:
    assert json.loads(repaired_json(written, loose=True)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a=x  1 b=z", 'a="x  1" b="z"'),
        ("a=x 1  b=", 'a="x 1" b=""'),
        ("a=x " + " " * LONG + "1", 'a="x ' + " " * LONG + '1"'),
        ("a=x " + " " * LONG + '"', 'a="x ' + " " * LONG + '\\""'),
        ("a=" + " " * LONG, 'a=""'),
    ],
    ids=["two", "an empty one", "many blanks", "many before a quote", "nothing else"],
)
def test_a_value_with_blanks_ends_before_those_before_the_next_key(written: str, meant: str) -> None:
    assert repaired_pairs(written) == meant
