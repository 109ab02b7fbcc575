"""A run counts only when it returned, no cell failed, every cell completed and the verdict is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from incident_kit.errors import NotebookError, ParameterError, SourceError
from incident_kit.reports.notebooks.completion import MIME
from incident_kit.reports.notebooks.execute import run_notebook

VERDICT = f"from IPython.display import display\n_ = display({{'{MIME}': {{'answer': str(n)}}}}, raw=True)"
KILL = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


def made(folder: Path, *cells: str) -> Path:
    """Write a notebook whose first cell is its parameters."""
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in ("n: int = 1  # a number", *cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    book.cells[0].metadata["tags"] = ["parameters"]
    path = folder / "mine.ipynb"
    nbformat.write(book, path)
    return path


@pytest.mark.slow
def test_a_notebook_of_ones_own_runs_to_its_verdict(tmp_path: Path) -> None:
    run = run_notebook(made(tmp_path, VERDICT), tmp_path / "out" / "run.ipynb", {"n": 3})
    assert run.verdict == {"answer": "3"}
    assert run.name == "mine"
    assert (tmp_path / "out" / "run.ipynb").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["1 / 0", VERDICT], r"stopped in its cell 1 \(`1 / 0`\) with ZeroDivisionError"),
        (["raise SystemExit(0)", VERDICT], "SystemExit"),
        (["n"], "without a verdict"),
        ([KILL, VERDICT], "lost its kernel"),
        (["import time\ntime.sleep(60)", VERDICT], "longer than 2 s"),
    ],
    ids=["error", "exit with 0", "no verdict", "killed kernel", "hanging cell"],
)
def test_anything_short_of_that_is_an_error_that_names_the_cell(
    tmp_path: Path, cells: list[str], sentence: str
) -> None:
    with pytest.raises(NotebookError, match=sentence):
        run_notebook(made(tmp_path, *cells), tmp_path / "run.ipynb", cell_timeout_s=2)


@pytest.mark.slow
def test_an_error_of_ours_about_the_input_is_told_as_it_is(tmp_path: Path) -> None:
    cell = "from incident_kit.errors import SourceError\nraise SourceError('x.log is empty.')"
    with pytest.raises(SourceError, match=r"^x\.log is empty\.$"):
        run_notebook(made(tmp_path, cell), tmp_path / "run.ipynb")


def test_a_wrong_parameter_stops_before_anything_is_run(tmp_path: Path, monkeypatch: Any) -> None:
    there = "incident_kit.reports.notebooks.execute.notebook_path"
    monkeypatch.setattr(there, lambda name: tmp_path / f"{name}.ipynb")
    with pytest.raises(ParameterError, match="did you mean access_log"):
        run_notebook("latency_regression", tmp_path / "run.ipynb", {"access_logg": "x"})
    assert not list(tmp_path.iterdir())


def test_a_notebook_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"gone\.ipynb"):
        run_notebook(tmp_path / "gone.ipynb", tmp_path / "run.ipynb")
