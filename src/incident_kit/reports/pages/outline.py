"""Find the headings of a notebook, and the heading that each picture belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HEADING = re.compile(r"^(#{1,3})\s+(.+?)\s*#*$", re.MULTILINE)
_MARKUP = re.compile(r"[`*_]|\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class Heading:
    """A heading of the page, with its level and place."""

    level: int
    text: str

    @property
    def anchor(self) -> str:
        """The id that nbconvert gives the heading."""
        return self.text.replace(" ", "-")


def headings(notebook: NotebookNode) -> list[Heading]:
    """Return the headings in their order."""
    return [
        Heading(len(marks), _MARKUP.sub(r"\1", text))
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for marks, text in _HEADING.findall(cell.source)
    ]


def captions(notebook: NotebookNode) -> dict[str, str]:
    """Return for each cell the heading above it, which serves as the alternative text of its picture."""
    above_cell: dict[str, str] = {}
    above = "Report"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = _HEADING.findall(cell.source)
            above = found[-1][1] if found else above
        above_cell[cell.id] = above
    return above_cell
