"""Input that cannot be read ends with exit code 2 and one sentence that names it."""

from pathlib import Path

import pytest

from tests.cli.sentences import the_one_sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "access.log"),
        (b"", "empty"),
        (b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 40, "access.log"),
        (b"once upon a time\nthere was a log\n" * 20, "--log-format"),
        (b"once\n", "its one line does not fit"),
    ],
    ids=["missing", "empty", "binary", "no known format", "one line"],
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
        (["diagnose", "a" * 300], "aaa cannot be used: File name too long; check the path"),
        (["diagnose", "{log}", "--json", "--markdown"], "give one of them"),
        (["diagnose", "{log}", "--incident", "2020-01-01/2020-01-02"], "no valid request; the log covers"),
        (["diagnose", "{log}", "--incident", "2036-01-01/2036-01-02"], "no valid request; the log covers"),
        (["alerts", "{log}"], "--backtest"),
        (["report", "-o", "out"], "--sample"),
        (["report", "{log}", "-o", "out", "--notebook", "foo"], "one of triage, .*, postmortem"),
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


def test_standard_input_that_is_no_log_is_called_so(incident_kit) -> None:
    assert "standard input was read as any of" in the_one_sentence(
        incident_kit("parse", "-", stdin=b"hello\n")
    )


def test_a_folder_without_files_is_answered_with_what_to_name(incident_kit, tmp_path: Path) -> None:
    assert "name the folder" in the_one_sentence(incident_kit("diagnose", tmp_path))


def test_a_bucket_without_credentials_is_named(incident_kit, monkeypatch, tmp_path: Path) -> None:
    pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for address in ("s3://bucket/access.log", "s3://bucket/*.log"):
        sentence = the_one_sentence(incident_kit("diagnose", address))
        assert f"{address} cannot be opened: Unable to locate credentials" in sentence
