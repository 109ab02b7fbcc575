"""A file of ours that a page names is there; what a decision of earlier days names may have gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "decisions" not in page.parts),
]
NAMED = re.compile(r"`((?:[\w.-]+/)*\w+\.py)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_module_that_a_page_names_is_there(page: Path) -> None:
    modules = [
        f"/{path.relative_to(ROOT)}"
        for folder in ("src", "tests", "benchmarks", "docs", "fault_lab")
        for path in (ROOT / folder).rglob("*.py")
    ]
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in modules)] == []
