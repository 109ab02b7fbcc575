"""Every notebook runs on whatever there is: a log only, traces only, or a rollup in place of a log."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

from incident_kit.engines.evidence import Evidence, gather
from incident_kit.engines.rollup_file import write_rollup
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.reports.notebooks.bundle import notebook_path
from incident_kit.reports.notebooks.parameters import NOTEBOOKS
from incident_kit.reports.prose.verdict import Verdict

pytestmark = pytest.mark.slow
mpl.use("Agg")


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    made = InteractiveShell()
    made.history_manager.enabled = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ipywidgets without a kernel
        yield made
    made.history_manager.end_session()
    from matplotlib import pyplot as plt

    plt.close("all")


def answer(shell: InteractiveShell, name: str, **parameters: Any) -> str:
    """Run a notebook's cells as a kernel does, with parameters as papermill injects them."""
    injected = "".join(f"{key} = {value!r}\n" for key, value in parameters.items())
    last: Any = None
    for cell in nbformat.read(notebook_path(name), as_version=4).cells:
        if cell.cell_type != "code":
            continue
        is_parameters = "parameters" in cell.metadata.get("tags", [])
        for source in (cell.source, injected) if is_parameters else (cell.source,):
            result = shell.run_cell(source, store_history=True)
            result.raise_error()
            last = result.result if isinstance(ast.parse(source).body[-1], ast.Expr) else last
    assert isinstance(last, Verdict)
    return str(last.document["answer"])


@pytest.fixture(scope="module")
def rollup_file(log_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rollup") / "rollup.parquet"
    write_rollup(rollup_requests(gather(log_file).requests), path)
    return path


@pytest.fixture(scope="module")
def trace_file(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("traces") / "traces.jsonl"
    assert evidence.spans is not None
    path.write_text("".join(map(otlp_line, evidence.spans.iter_rows(named=True))), encoding="utf-8")
    return path


def otlp_line(span: dict[str, Any]) -> str:
    """Write one span as the collector's file exporter does."""
    begin = int(span["start"].timestamp() * 1e9)
    attributes = {"http.route": span["route"], "peer.service": span["peer"], **json.loads(span["attributes"])}
    written = {
        "traceId": span["trace_id"],
        "spanId": span["span_id"],
        "parentSpanId": span["parent_span_id"] or "",
        "name": span["name"],
        "kind": {"server": 2, "client": 3}[span["kind"]],
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + int(1e6 * span["duration_ms"])),
        "attributes": [text(key, value) for key, value in attributes.items() if value],
    }
    resource = {"attributes": [text("service.name", span["service"])]}
    return (
        json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [written]}]}]}) + "\n"
    )


def text(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_on_a_log_only(shell: InteractiveShell, name: str, log_file: Path) -> None:
    assert answer(shell, name, access_log=str(log_file))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_on_traces_only(shell: InteractiveShell, name: str, trace_file: Path) -> None:
    assert answer(shell, name, traces=str(trace_file))


# A rollup holds no traces, and its incident is one of errors: each notebook says of that what it is asked.
OF_A_ROLLUP = {
    "triage": "/checkout/{id}",
    "error_spike": "/checkout/{id}",
    "postmortem": "/checkout/{id}",
    "latency_regression": "stands on its own page, error_spike",
    "dependencies": "Nothing here tells dependencies apart",
}


def test_every_notebook_is_run_on_a_rollup() -> None:
    assert OF_A_ROLLUP.keys() == set(NOTEBOOKS) - {"compare_releases"}


@pytest.mark.parametrize("name", OF_A_ROLLUP)
def test_on_a_rollup_in_place_of_a_log(shell: InteractiveShell, name: str, rollup_file: Path) -> None:
    assert OF_A_ROLLUP[name] in answer(shell, name, access_log=str(rollup_file))


def test_two_rollups_are_compared(shell: InteractiveShell, rollup_file: Path) -> None:
    assert answer(shell, "compare_releases", before=str(rollup_file), after=str(rollup_file))
