"""Run a notebook through papermill, with checked parameters and errors in one sentence."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident_kit import errors
from incident_kit.errors import IncidentKitError, NotebookError
from incident_kit.reports.notebooks.bundle import notebook_path
from incident_kit.reports.notebooks.completion import completed, stopped
from incident_kit.reports.notebooks.parameter_check import validate
from incident_kit.reports.notebooks.parameters import NOTEBOOKS

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.exceptions import PapermillExecutionError

CELL_TIMEOUT_S = 1800
"""Time limit of a cell: reading a day of logs takes minutes, and a cell that hangs has to end."""

START_TIMEOUT_S = 600
"""Time limit of a kernel's start: a second or two, but minutes on a busy machine."""

ABOUT_INPUT = (errors.InputError, errors.ParameterError, errors.SchemaError)
"""Errors about inputs, whose sentence is complete; other errors are reported with their cell."""

QUIET = "--log-level=CRITICAL"
"""Silenced, because stopping a busy kernel would log a message between the kit's own sentences."""

# Papermill warns about parameters without a line in the parameters cell; these have been checked already.
logging.getLogger("papermill").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Run:
    """An executed notebook and its verdict."""

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
        If a parameter is unknown or cannot be (then nothing is run), or does not go with the data.
    InputError, SchemaError
        If the notebook could not read what it was given.
    NotebookError
        If the notebook did not run to its verdict: the sentence names the cell and shows its source.
    """
    name, path = _named(notebook)
    given = {key: value for key, value in (parameters or {}).items() if value is not None}
    if path == _kit_path(name):
        validate(name, given)
    output.parent.mkdir(parents=True, exist_ok=True)
    executed = _execute(name, path, output, given, cell_timeout_s)
    return Run(name, executed, completed(name, executed))


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
            start_timeout=START_TIMEOUT_S,
            execution_timeout=cell_timeout_s,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            extra_arguments=[QUIET],
        )
    except PapermillExecutionError as error:
        raise _raised(name, error) from error
    except CellTimeoutError as error:
        raise NotebookError(
            f"{name} took longer than {cell_timeout_s} s in one cell; give it less data."
        ) from error
    except (DeadKernelError, PapermillException, RuntimeError) as error:
        raise NotebookError(f"{name} lost its kernel ({error}); there may be too little memory.") from error
    notebook: NotebookNode = executed
    return notebook


def _raised(name: str, error: PapermillExecutionError) -> IncidentKitError:
    """Return the error of a cell: the kit's errors about inputs as they are, others with the cell's name."""
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, ABOUT_INPUT):
        return kind(error.evalue)
    return NotebookError(stopped(name, error.cell_index, error.source, error.ename, error.evalue))
