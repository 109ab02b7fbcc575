"""The lab runs, and what it records agrees with itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fault_lab.processes import PROJECT
from fault_lab.tools import missing_packages

pytestmark = [pytest.mark.slow, pytest.mark.lab]


@pytest.fixture(autouse=True)
def tools() -> None:
    missing = missing_packages()
    if missing:
        pytest.skip(f"the lab needs {' and '.join(missing)}: apt-get install {' '.join(missing)}")


def test_one_minute_of_a_slow_database_gives_three_files_that_agree() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fault_lab", "smoke"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "arrivals" in done.stdout
