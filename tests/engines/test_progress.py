"""Progress shows to whoever watches, and to nobody else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from incident_kit.engines import progress
from incident_kit.engines.reading import read_access_log, read_traces

CODE = """
from incident_kit.engines import progress
from incident_kit.engines.reading import read_access_log
progress.DELAY_S = 0
_ = read_access_log({path!r})
"""


class Terminal(StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, delay_s: float) -> Terminal:
    """Put a terminal in the place of standard error; in a test's body, for pytest captures around it."""
    written = Terminal()
    monkeypatch.delenv(progress.SESSION, raising=False)
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(progress, "DELAY_S", delay_s)
    return written


@pytest.mark.parametrize(
    ("read", "name"), [(read_access_log, "access.log.gz"), (read_traces, "traces.jsonl.gz")]
)
def test_a_long_read_counts_on_a_terminal_and_leaves_nothing(
    read: Any, name: str, monkeypatch: pytest.MonkeyPatch, samples: Path
) -> None:
    terminal = at_a_terminal(monkeypatch, delay_s=0)
    read(samples / "healthy" / name)
    assert "reading: " in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")


def test_a_short_one_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch, delay_s=3600)
    with progress.progress("lines") as seen:
        seen(1_000_000)
    assert terminal.getvalue() == ""


def test_a_pipe_gets_nothing(incident_kit: Any, samples: Path, tmp_path: Path) -> None:
    log = samples / "healthy" / "access.log.gz"
    assert "reading" not in incident_kit("parse", log, "-o", tmp_path / "r.parquet").stderr


@pytest.fixture
def kernel() -> Iterator[Any]:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def outputs(client: Any, code: str) -> list[str]:
    """Run code in a kernel and return the kinds of what it shows."""
    kinds: list[str] = []

    def note(message: dict[str, Any]) -> None:
        content = message["content"]
        kinds.extend(
            content.get("data", {}) or ([content["name"]] if message["msg_type"] == "stream" else [])
        )

    reply = client.execute_interactive(code, output_hook=note, timeout=120)
    assert reply["content"]["status"] == "ok", reply
    return kinds


@pytest.mark.slow
@pytest.mark.parametrize("in_lab", [True, False], ids=["JupyterLab", "nbval or papermill"])
def test_a_notebook_shows_it_only_where_it_is_open(
    in_lab: bool, monkeypatch: pytest.MonkeyPatch, samples: Path, request: pytest.FixtureRequest
) -> None:
    monkeypatch.delenv(progress.SESSION, raising=False)
    if in_lab:
        monkeypatch.setenv(progress.SESSION, "triage.ipynb")
    code = CODE.format(path=str(samples / "healthy" / "access.log.gz"))
    kinds = outputs(request.getfixturevalue("kernel"), code)
    assert ("application/vnd.jupyter.widget-view+json" in kinds) == in_lab
    assert "stdout" not in kinds
    assert bool(kinds) == in_lab


def test_kernels_that_a_report_starts_are_watched_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(progress.SESSION, "triage.ipynb")
    with progress.unwatched_kernels():
        assert not progress.is_watched() or sys.stderr.isatty()
    assert progress.is_watched()
