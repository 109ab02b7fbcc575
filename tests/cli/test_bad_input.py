"""Input that cannot be read ends with exit code 2 and one sentence that names it."""

from pathlib import Path

import pytest

UNREADABLE = 2


def the_one_sentence(done) -> str:
    assert done.returncode == UNREADABLE, done.stdout + done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "access.log"),
        (b"", "empty"),
        (b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 40, "access.log"),
        (b"once upon a time\nthere was a log\n" * 20, "formats"),
    ],
    ids=["missing", "empty", "binary", "no known format"],
)
def test_a_log_that_cannot_be_read_is_named(
    incident_kit, tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "access.log"
    if content is not None:
        path.write_bytes(content)
    sentence = the_one_sentence(incident_kit("diagnose", path))
    assert str(path) in sentence
    assert says in sentence


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["diagnose"], "give an access log"),
        (["diagnose", "{log}", "--incident", "yesterday"], "START/END"),
        (["diagnose", "{log}", "--event", "deploy"], "TIME text|lacks a text"),
        (["diagnose", "{log}", "--log-format", "nginks"], "nginks"),
        (["report", "-o", "out"], "--sample"),
        (["parse", "{log}", "-o", "requests.xlsx"], r"\.parquet"),
    ],
)
def test_an_argument_that_means_nothing_is_refused_with_the_mend(
    incident_kit, samples: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    import re

    log = samples / "healthy" / "access.log.gz"
    sentence = the_one_sentence(incident_kit(*(word.format(log=log) for word in arguments), cwd=tmp_path))
    assert re.search(says, sentence), sentence


@pytest.mark.parametrize("command", ["diagnose", "parse"])
def test_standard_input_that_is_empty_is_refused(incident_kit, command: str) -> None:
    assert "standard input" in the_one_sentence(incident_kit(command, "-", stdin=b""))
