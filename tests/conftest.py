"""What the tests of every room share: where the samples are, and the command line as a user starts it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.laws import load_profile

SAMPLES = Path(__file__).parents[1] / "sample_data"

load_profile()

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture(scope="session")
def incident_kit() -> Run:
    """Run `incident-kit` in a process of its own, as a user does."""

    def run(*arguments: object, stdin: bytes | None = None, cwd: Path | None = None) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "incident_kit", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            check=False,
            timeout=300,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return run


@pytest.fixture(scope="session")
def truth() -> Callable[[str], dict[str, Any]]:
    def read(scenario: str) -> dict[str, Any]:
        return json.loads((SAMPLES / scenario / "truth.json").read_text(encoding="utf-8"))

    return read
