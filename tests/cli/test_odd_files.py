"""Pipes such as `<(zcat access.log.gz)`, odd names and disks that fail: what no ordinary file is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.sentences import the_one_sentence

LINE = '10.0.0.1 - - [01/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"\n'
SPAN = (
    '{"traceId":"5b8efff798038103d269b633813fc60c","id":"0000000000000001","name":"get /",'
    '"timestamp":1767261600000000,"duration":1000,"localEndpoint":{"serviceName":"shop"}}\n'
)

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")


@contextmanager
def writing(pipe: Path, text: str) -> Iterator[None]:
    writer = Thread(target=pipe.write_text, args=(text,), daemon=True)
    writer.start()
    yield
    writer.join(timeout=60)


@pytest.mark.parametrize("command", ["parse {} --explain", "diagnose --traces {}", "parse {}"])
def test_a_pipe_is_read_like_a_file(incident_kit, tmp_path: Path, command: str) -> None:
    pipe, text = tmp_path / "pipe", SPAN if "traces" in command else LINE
    os.mkfifo(pipe)
    with writing(pipe, text * 3):
        done = incident_kit(*command.format(pipe).split())
    assert done.returncode == 0, done.stderr
    assert "3 " in done.stdout + done.stderr


def test_a_pipe_from_which_nothing_comes_is_refused(incident_kit, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with writing(pipe, ""):
        assert "Nothing came on" in the_one_sentence(incident_kit("parse", pipe, "--explain"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such names")
@pytest.mark.parametrize("command", ["parse", "diagnose", "report -o out", "diagnose --traces"])
def test_a_name_that_is_no_text_is_refused(incident_kit, tmp_path: Path, command: str) -> None:
    name = os.fsdecode(b"\xff\xfe.log")
    (tmp_path / name).write_text(LINE, encoding="utf-8")
    assert r"\udcff\udcfe.log is not UTF-8" in the_one_sentence(
        incident_kit(*command.split(), name, cwd=tmp_path)
    )


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no file that cannot be read")
@pytest.mark.parametrize("command", ["parse", "diagnose", "diagnose --traces"])
def test_a_disk_that_fails_is_no_failed_gate(incident_kit, command: str) -> None:
    """An exit code of 1 would tell whoever deploys that the release is bad."""
    assert "cannot be used: Input/output error" in the_one_sentence(
        incident_kit(*command.split(), "/proc/self/mem")
    )
