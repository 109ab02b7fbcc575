"""A file of targets or routes that cannot be used ends with exit code 2 and a sentence that names it."""

from pathlib import Path

import pytest

from tests.cli.sentences import the_one_sentence

BROKEN = b"x\xff\xfe"


@pytest.mark.parametrize(
    ("option", "name", "content", "says"),
    [
        ("--targets", "missing.yaml", None, "No such file"),
        ("--targets", ".", None, "directory"),
        ("--targets", "targets.yaml", b"latency_ms: abc", "latency_ms='abc' is no number"),
        ("--targets", "targets.yaml", b"latency_ms: true", "latency_ms=True is no number"),
        ("--targets", "targets.yaml", b"latency_ms: [", "line 1"),
        ("--targets", "targets.yaml", b"1: 2\nx: 3", "no target called 1, x"),
        ("--targets", "targets.yaml", BROKEN, "utf-8"),
        ("--routes", "missing.txt", None, "No such file"),
        ("--routes", "routes.txt", BROKEN, "utf-8"),
        ("--routes", "routes.txt", b"", "routes.txt holds no template"),
        ("--routes", "routes.yaml", b"[", "line 1"),
        ("--routes", "routes.txt", b"/users/<id", "does not close"),
    ],
)
def test_a_file_that_goes_with_the_log_is_refused_by_name(
    incident_kit,
    samples: Path,
    tmp_path: Path,
    *,
    option: str,
    name: str,
    content: bytes | None,
    says: str,
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    log = samples / "healthy" / "access.log.gz"
    sentence = the_one_sentence(incident_kit("diagnose", log, option, name, cwd=tmp_path))
    assert says in sentence
    assert name in sentence or "<id" in sentence
