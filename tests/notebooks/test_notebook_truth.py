"""What the stored notebooks say about the samples is what was done to them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import nbformat
import pytest

from incident_kit.reports.notebooks.bundle import notebook_path, sample_path
from incident_kit.reports.notebooks.completion import MIME
from incident_kit.reports.notebooks.parameters import NOTEBOOKS

TOLERANCE = timedelta(seconds=30)
DIAGNOSING = [name for name in NOTEBOOKS if name != "compare_releases"]


def verdict(name: str) -> dict[str, Any]:
    cells = nbformat.read(notebook_path(name), as_version=4).cells
    return dict([o.data[MIME] for c in cells for o in c.get("outputs", []) if MIME in o.get("data", {})][-1])


def truth(name: str) -> dict[str, Any]:
    path = sample_path(NOTEBOOKS[name].sample, "truth.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", DIAGNOSING)
def test_the_first_incident_is_the_one_that_was_made(name: str) -> None:
    found, made = verdict(name)["incidents"][0], truth(name)
    endpoint, dependency = found["endpoints"][0], found["dependencies"][0]
    assert found["kind"] == made["kind"]
    assert {"method": endpoint["method"], "route": endpoint["route"]} == made["endpoint"]
    assert dependency["name"] == made["dependency"]
    for edge in ("start", "end"):
        apart = datetime.fromisoformat(found[edge]) - datetime.fromisoformat(made[edge])
        assert abs(apart) <= TOLERANCE


def test_the_gate_holds_the_bad_release() -> None:
    found, made = verdict("compare_releases"), truth("compare_releases")
    assert found["gate"] == "regression"
    worse = {row["route"] for row in found["changes"] if row["verdict"] == "regression"}
    assert made["endpoint"]["route"] in worse
