"""Whether an executed notebook may be believed: every cell completed, none has an error, a verdict is there.

papermill returns normally after `sys.exit(0)`, and the file it leaves after a killed kernel says "completed".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from incident_kit.errors import NotebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

MIME = "application/vnd.incident-kit.verdict+json"
"""The kind of output that a verdict is."""


def completed(name: str, executed: NotebookNode) -> dict[str, Any]:
    """Return the verdict of a notebook all of whose cells completed.

    Raises
    ------
    NotebookError
        If a cell has an error or did not run, or there is no verdict: the sentence names the cell.
    """
    for number, cell in enumerate(executed.cells):
        if cell.cell_type == "code":
            _check_cell(name, number, cell)
    verdicts = verdicts_in(executed)
    if not verdicts:
        raise NotebookError(f"{name} ran to its end without a verdict; end it with `ik.verdict(...)`.")
    return verdicts[-1]


def verdicts_in(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the documents of the verdicts that a notebook came to, in their order."""
    return [
        dict(output.data[MIME])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]


def stopped(name: str, number: int, source: str, error: str, sentence: str) -> str:
    """Say in which cell a notebook stopped, and why."""
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
