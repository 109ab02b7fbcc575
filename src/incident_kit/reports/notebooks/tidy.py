"""Remove from an executed notebook what differs from run to run, so that two runs give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

KEPT_CELL_METADATA = ("tags",)
WIDGET = "application/vnd.jupyter.widget-view+json"  # it refers to a kernel that has ended
INJECTED = "injected-parameters"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def tidy(
    notebook: NotebookNode,
    text: Callable[[str], str] = lambda value: value,
    injected: Callable[[str], str] = lambda source: source,
) -> NotebookNode:
    """Return a copy without run metadata (times, host, versions).

    Every text output and the cell of injected parameters are passed through `text`, which masks them; that
    cell goes through `injected` first.
    """
    from nbformat import from_dict

    cells = [_tidy_cell(number, cell, text, injected) for number, cell in enumerate(notebook.cells)]
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    plain = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    made: NotebookNode = from_dict(plain)  # type: ignore[no-untyped-call]
    return made


def to_bytes(notebook: NotebookNode) -> bytes:
    """Return the bytes of a notebook as they are stored."""
    from nbformat import writes

    written: str = writes(notebook, indent=1)  # type: ignore[no-untyped-call]
    return (written.rstrip("\n") + "\n").encode("utf-8")


def _tidy_cell(
    number: int, cell: NotebookNode, text: Callable[[str], str], injected: Callable[[str], str]
) -> dict[str, Any]:
    metadata = {name: cell.metadata[name] for name in KEPT_CELL_METADATA if cell.metadata.get(name)}
    is_injected = INJECTED in metadata.get("tags", [])
    plain: dict[str, Any] = {
        "id": f"cell-{number:02d}",
        "cell_type": cell.cell_type,
        "metadata": metadata,
        "source": text(injected(cell.source)) if is_injected else cell.source,
    }
    if cell.cell_type == "code":
        plain["execution_count"] = cell.execution_count
        plain["outputs"] = [_tidy_output(output, text) for output in cell.outputs]
    return plain


def _tidy_output(output: NotebookNode, text: Callable[[str], str]) -> dict[str, Any]:
    plain: dict[str, Any] = {"output_type": output.output_type}
    plain |= {name: output[name] for name in ("name", "execution_count") if name in output}
    if "text" in output:
        plain["text"] = text(output.text)
    if "data" in output:
        plain["metadata"] = {}
        plain["data"] = {
            mime: value if mime.startswith("image/") else _in_texts(value, text)
            for mime, value in output.data.items()
            if mime != WIDGET
        }
    return plain


def _in_texts(value: Any, text: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [_in_texts(part, text) for part in value]
    if isinstance(value, dict):
        return {name: _in_texts(part, text) for name, part in value.items()}
    return value
