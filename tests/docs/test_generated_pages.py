"""The pages that are made from the code agree with it."""

import subprocess
import sys
from pathlib import Path

from incident_kit.read.parsing.registry import all_formats, families

DOCS = Path(__file__).parents[2] / "docs"


def test_generated_parts_of_the_pages_are_up_to_date() -> None:
    checked = subprocess.run(
        [sys.executable, DOCS / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_readme_and_the_changelog_count_the_formats() -> None:
    counted = len(all_formats()), len(families())
    assert "{} formats in {} families".format(*counted) in (DOCS.parent / "README.md").read_text()
    assert "{} formats of {} families".format(*counted) in (DOCS.parent / "CHANGELOG.md").read_text()
