"""A notebook through papermill, and nothing believed until every cell has said that it completed.

papermill returns normally after `sys.exit(0)`, and the file it leaves after a killed kernel says "completed":
so a run counts only when it returned, no cell has an error, every cell completed and the verdict is there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident_kit.errors import NotebookError
from incident_kit.reports.bundle import notebook_path
from incident_kit.reports.parameter_check import validate
from incident_kit.reports.parameters import NOTEBOOKS
from incident_kit.reports.verdict import MIME

if TYPE_CHECKING:
    from nbformat import NotebookNode

CELL_TIMEOUT_S = 1800
"""A cell that reads a day of logs may take minutes; one that hangs must not hang forever."""

# Papermill calls a parameter unknown that has no line in the parameters cell; ours have been checked.
logging.getLogger("papermill").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Run:
    """An executed notebook and the verdict it came to."""

    name: str
    notebook: NotebookNode
    verdict: dict[str, Any]


def run_notebook(
    notebook: str | Path,
    output: Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    cell_timeout_s: int = CELL_TIMEOUT_S,
) -> Run:
    """Run a notebook of the kit (by name), or one of your own (by path), and write it to `output`.

    Raises
    ------
    ParameterError
        If a parameter is unknown or cannot be; then nothing is run.
    NotebookError
        If the notebook did not run to its verdict: the sentence names the cell and shows its source.
    """
    name, path = _named(notebook)
    given = {key: value for key, value in (parameters or {}).items() if value is not None}
    if path == _kit_path(name):
        validate(name, given)
    output.parent.mkdir(parents=True, exist_ok=True)
    executed = _execute(name, path, output, given, cell_timeout_s)
    return Run(name, executed, _checked(name, executed))


def _named(notebook: str | Path) -> tuple[str, Path]:
    path = Path(notebook)
    if path.suffix == ".ipynb":
        if not path.is_file():
            raise NotebookError(
                f"There is no notebook {path}; give a name of the kit or a path that is there."
            )
        return path.stem, path
    return str(notebook), notebook_path(str(notebook))


def _kit_path(name: str) -> Path | None:
    return notebook_path(name) if name in NOTEBOOKS else None


def _execute(
    name: str, path: Path, output: Path, parameters: Mapping[str, Any], cell_timeout_s: int
) -> NotebookNode:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import execute_notebook
    from traitlets.config import Config

    try:
        executed = execute_notebook(
            str(path),
            str(output),
            dict(parameters),
            progress_bar=False,
            execution_timeout=cell_timeout_s,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        )
    except PapermillExecutionError as error:
        raise NotebookError(
            _stopped(name, error.cell_index, error.source, error.ename, error.evalue)
        ) from error
    except CellTimeoutError as error:
        raise NotebookError(
            f"{name} took longer than {cell_timeout_s} s in one cell; give it less data."
        ) from error
    except (DeadKernelError, PapermillException, RuntimeError) as error:
        raise NotebookError(f"{name} lost its kernel ({error}); there may be too little memory.") from error
    notebook: NotebookNode = executed
    return notebook


def _checked(name: str, executed: NotebookNode) -> dict[str, Any]:
    """Return the verdict of a notebook all of whose cells completed."""
    for number, cell in enumerate(executed.cells):
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                raise NotebookError(_stopped(name, number, cell.source, output.ename, output.evalue))
        if cell.source.strip() and cell.metadata.get("papermill", {}).get("status") != "completed":
            raise NotebookError(
                f"{name} ended before its cell {number} (`{_first_line(cell.source)}`) had run."
            )
    verdicts = [
        dict(output.data[MIME])
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]
    if not verdicts:
        raise NotebookError(f"{name} ran to its end without a verdict; end it with `ik.verdict(...)`.")
    return verdicts[-1]


def _stopped(name: str, number: int, source: str, error: str, sentence: str) -> str:
    return f"{name} stopped in its cell {number} (`{_first_line(source)}`) with {error}: {sentence}"


def _first_line(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return lines[0] if lines else ""
