"""Whatever a log, a trace or the name of a file holds: in a terminal it is shown, and does nothing."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incident_kit.cli.terminal import say

ESCAPE, BELL, OVERRIDE, C1, TAG = "\x1b", "\x07", "\u202e", "\x9b", "\U000e0041"
HOSTILE = f"a{ESCAPE}]0;owned{BELL}{ESCAPE}[31m\r{C1}2J{OVERRIDE}"
TOKEN = "s3cret-token-1"


def acting(text: str) -> set[str]:
    """Return the characters of a text that a terminal would obey."""
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return {character for character in text if unicodedata.category(character) in kinds} - {"\n"}


def a_log(path: Path, host: str, route: str) -> Path:
    """Write an hour of requests of which one route fails in its second half."""
    begin = datetime(2026, 1, 1, 10, tzinfo=UTC)
    lines = [
        {
            "time": (begin + timedelta(seconds=second)).isoformat(),
            "method": "GET",
            "path": route if second % 2 else "/fine",
            "status": 503 if second % 2 and second > 1800 else 200,
            "duration_ms": 20,
            "upstream_addr": host,
        }
        for second in range(3600)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "content",
    [b"", b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 40, b"once upon a time\n" * 20, None],
    ids=["empty", "binary", "no format", "missing"],
)
@pytest.mark.parametrize("command", [["diagnose"], ["diagnose", "--traces"], ["parse"]], ids=" ".join)
def test_the_name_of_a_file_that_cannot_be_read_does_nothing(
    incident_kit, tmp_path: Path, command: list[str], content: bytes | None
) -> None:
    path = tmp_path / f"{HOSTILE}\nx.log"
    if content is not None:
        path.write_bytes(content)
    done = incident_kit(*command, path)
    assert done.returncode == 2
    assert not acting(done.stderr)
    assert len(done.stderr.splitlines()) == 1
    assert r"\x1b]0;owned\x07" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["parse", "{log}", "-o", "{name}.xlsx"],
        ["diagnose", "{log}", "--log-format", "{name}"],
        ["diagnose", "{log}", "--incident", "{name}"],
        ["diagnose", "{log}", "--targets", "{name}"],
        ["report", "{log}", "-o", "{log}", "--notebook", "{name}"],
        ["notebooks", "copy", "{name}"],
    ],
    ids=lambda arguments: arguments[-1] + arguments[0],
)
def test_an_argument_that_is_told_does_nothing(
    incident_kit, tmp_path: Path, samples: Path, arguments: list[str]
) -> None:
    log = samples / "healthy" / "access.log.gz"
    done = incident_kit(*(word.format(log=log, name=HOSTILE) for word in arguments), cwd=tmp_path)
    assert not acting(done.stdout + done.stderr)
    assert r"\x1b" in done.stdout + done.stderr


def test_a_log_among_traces_is_still_told_apart_whatever_its_name(incident_kit, tmp_path: Path) -> None:
    log = a_log(tmp_path / f"{HOSTILE}.log", "10.0.0.1:80", "/pay")
    assert "is an access log (json), no traces" in incident_kit("diagnose", "--traces", log).stderr


@pytest.mark.parametrize("how", [[], ["--markdown"], ["--json"]], ids=["text", "markdown", "json"])
def test_what_a_diagnosis_says_does_nothing(incident_kit, tmp_path: Path, how: list[str]) -> None:
    log = a_log(tmp_path / "access.log", f"db{HOSTILE}{TAG}", f"/pay{HOSTILE}{TAG}\u2028/x")
    done = incident_kit("diagnose", log, *how)
    assert done.returncode == 0, done.stderr
    assert not acting(done.stdout)
    assert "/pay" in done.stdout


def test_json_means_the_same_with_what_acts_written_as_escapes(incident_kit, tmp_path: Path) -> None:
    route = f"/pay{OVERRIDE}{C1}{TAG}\u2028/x"
    log = a_log(tmp_path / "access.log", "10.0.0.1:80", route)
    (incident,) = json.loads(incident_kit("diagnose", log, "--json").stdout)["incidents"]
    assert incident["endpoints"][0]["route"] == route


@pytest.mark.parametrize(
    "command", [["diagnose"], ["parse", "--explain"]], ids=["no format fits", "rejected lines"]
)
def test_a_line_that_is_shown_holds_no_secret(incident_kit, tmp_path: Path, command: list[str]) -> None:
    line = f"odd GET /login?access_token={TOKEN} Authorization: Bearer {TOKEN}"
    log = tmp_path / "access.log"
    log.write_text(f"{line}\n" * 5, encoding="utf-8")
    if "--explain" in command:
        request = f'10.0.0.1 - - [01/Jan/2026:10:00:00 +0000] "GET /x?token={TOKEN} HTTP/1.1" 200 5 "-" "-"\n'
        log.write_text(request * 50 + f"{line}\n", encoding="utf-8")
    done = incident_kit(*command, log)
    assert "access_token=***" in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr


SENTENCE = (
    "GET /a/very/long/path-with-hyphens/and/more explains 100 % (98 to 103) of the extra slow requests."
)


@pytest.mark.parametrize(
    ("is_terminal", "columns", "lines"),
    [(True, 60, 2), (True, 200, 1), (True, 20, 1), (False, 60, 1)],
    ids=["a terminal", "a wide one", "one too narrow for words", "a pipe"],
)
def test_in_a_terminal_no_line_ends_within_a_word_and_programs_get_a_line_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_terminal: bool,
    columns: int,
    lines: int,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    say(SENTENCE)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == lines
    assert all(line.startswith("  ") for line in printed[1:])
    assert " ".join(line.strip() for line in printed) == SENTENCE
    assert max(map(len, printed)) <= columns or lines == 1
