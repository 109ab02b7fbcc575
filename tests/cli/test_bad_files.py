"""A file of targets or routes that cannot be used ends with exit code 2 and a sentence that names it."""

from pathlib import Path

import pytest

from tests.cli.sentences import the_one_sentence

BROKEN = b"x\xff\xfe"


@pytest.mark.parametrize(
    ("option", "name", "content", "says"),
    [
        ("--targets", "missing.yaml", None, "targets file missing.yaml cannot be read: No such file"),
        ("--targets", ".", None, "directory"),
        (
            "--targets",
            "targets.yaml",
            b"latency_ms: abc",
            "targets.yaml: The target latency_ms='abc' is no number",
        ),
        ("--targets", "targets.yaml", b"latency_ms: true", "latency_ms=True is no number"),
        ("--targets", "targets.yaml", b"latency_ms: [", "targets.yaml cannot be read: while parsing"),
        ("--targets", "targets.yaml", b"1: 2\nx: 3", "no target called 1, x"),
        ("--targets", "targets.yaml", BROKEN, "yaml cannot be read: 'utf-8'"),
        ("--routes", "missing.txt", None, "routes file missing.txt cannot be read: No such file"),
        ("--routes", "routes.txt", BROKEN, "txt cannot be read: 'utf-8'"),
        ("--routes", "routes.txt", b"", "routes.txt holds no template"),
        ("--routes", "routes.yaml", b"[", "routes.yaml cannot be read: while parsing"),
        ("--routes", "routes.txt", b"/users/<id", "'/users/<id' opens a `<` and does not close it"),
        ("--routes", "routes.yaml", b"{paths: {/a: {}}, servers: here}", "no list of `url:`"),
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
    assert says in the_one_sentence(incident_kit("diagnose", log, option, name, cwd=tmp_path))
