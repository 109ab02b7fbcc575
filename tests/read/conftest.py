"""What the tests of reading share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incident_kit.read.access_log import AccessLog, read_access_log


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., AccessLog]:
    """Return what reads lines as a log of their own."""

    def read(*lines: str, **options: Any) -> AccessLog:
        path = tmp_path / "some.log"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_access_log(path, **options)

    return read
