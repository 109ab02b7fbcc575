"""Decide whether a notebook that ran can be trusted: all cells completed without error, and it has a verdict.

papermill returns normally after `sys.exit(0)`, and the file left by a killed kernel says "completed".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incident_kit.errors import NotebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

MIME = "application/vnd.incident-kit.verdict+json"
"""The MIME type of a verdict's output."""


def completed(name: str, executed: NotebookNode) -> dict[str, Any]:
    """Return the verdict of a notebook whose cells have all completed.

    Raises
    ------
    NotebookError
        If a cell has an error or did not run, or there is no verdict; the sentence names the cell.
    """
    for number, cell in enumerate(executed.cells):
        if cell.cell_type == "code":
            _check_cell(name, number, cell)
    verdicts = verdicts_in(executed)
    if not verdicts:
        raise NotebookError(f"{name} ran to its end without a verdict; end it with `ik.verdict(...)`.")
    return verdicts[-1]


def verdicts_in(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the documents of the verdicts in a notebook, in their order."""
    return [
        dict(output.data[MIME])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]


def stopped(name: str, number: int, source: str, error: str, sentence: str) -> str:
    """Return a sentence that says in which cell a notebook stopped, and why."""
    return f"{name} stopped in its cell {number} (`{_first_line(source)}`) with {error}: {sentence}"


def _check_cell(name: str, number: int, cell: NotebookNode) -> None:
    for output in cell.outputs:
        if output.output_type == "error":
            raise NotebookError(stopped(name, number, cell.source, output.ename, output.evalue))
    if cell.source.strip() and cell.metadata.get("papermill", {}).get("status") != "completed":
        raise NotebookError(f"{name} ended before its cell {number} (`{_first_line(cell.source)}`) had run.")


def _first_line(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return lines[0] if lines else ""
