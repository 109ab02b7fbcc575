"""Export an executed notebook as one self-contained HTML page without scripts or private data."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from incident_kit.reports.notebooks.bundle import kit_version
from incident_kit.reports.notebooks.completion import verdicts_in
from incident_kit.reports.pages.clean import clean_fragment
from incident_kit.reports.pages.outline import Heading, captions, headings
from incident_kit.reports.pages.unbroken import unbroken
from incident_kit.reports.prose.calm import is_calm

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).with_name("templates")
# A widget is dead without its kernel, so the page shows its other output (a picture, text) instead.
SHOWN_FIRST = ["text/html", "text/markdown", "image/png", "image/jpeg", "text/plain"]
PNG = "image/png"
ONLY_IN_NOTEBOOK = "only-in-notebook"
"""The tag of a cell that explains how to use the notebook; a page leaves it out."""


@dataclass(frozen=True)
class Page:
    """What the template needs besides the notebook."""

    title: str
    headings: list[Heading]
    style: str
    version: str
    index: str | None = None
    answer: str = ""
    is_calm: bool = False
    pictures: Mapping[str, str] = field(default_factory=dict)


def to_html(notebook: NotebookNode, *, index: str | None = None) -> str:
    """Return the page of an executed notebook; `index` is the address of the page that lists all reports."""
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    parts = headings(notebook)
    verdict = (verdicts_in(notebook) or [{}])[-1]
    page = Page(
        title=next((heading.text for heading in parts), "Report"),
        headings=[heading for heading in parts if heading.level == 2],
        style=page_style(),
        version=kit_version(),
        index=index,
        answer=str(verdict.get("answer", "")),
        is_calm=is_calm(verdict),
        pictures=captions(notebook),
    )
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="incident",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        filters={"clean": clean_fragment, "unbroken": unbroken},
        config=Config({"NbConvertBase": {"display_data_priority": SHOWN_FIRST}}),
    )
    body: str = exporter.from_notebook_node(_showable(notebook), resources={"report": page})[0]
    return body


def first_picture(notebook: NotebookNode) -> str:
    """Return the first picture of an executed notebook as PNG in base64; empty if it has none."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return next((output.data[PNG] for output in outputs if PNG in output.get("data", {})), "")


@cache
def page_style() -> str:
    """Return the style sheet of every page, including the colours of code."""
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

    colours = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    return (TEMPLATES / "report.css").read_text(encoding="utf-8") + str(colours)


def _showable(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without what a page cannot show or use, as it has no kernel and no scripts."""
    copy = deepcopy(notebook)
    copy.cells = [cell for cell in copy.cells if ONLY_IN_NOTEBOOK not in cell.metadata.get("tags", [])]
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs = [
                output
                for output in cell.outputs
                if "data" not in output or set(SHOWN_FIRST) & set(output.data)
            ]
    return copy
