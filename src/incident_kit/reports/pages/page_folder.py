"""Write the pages of executed notebooks into a folder, with an index and the verdicts as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from incident_kit.inert import as_json
from incident_kit.reports.notebooks.execute import Run
from incident_kit.reports.notebooks.parameters import NOTEBOOKS
from incident_kit.reports.notebooks.tidy import to_bytes
from incident_kit.reports.pages.export import first_picture, to_html
from incident_kit.reports.pages.index_page import Entry, Link, Skipped, index_html
from incident_kit.reports.pages.pdf import to_pdf

VERDICTS_SCHEMA = "incident-kit/verdicts/1"
INDEX = "index.html"


def write_pages(runs: Sequence[Run], skipped: Sequence[Skipped], folder: Path, *, pdf: bool) -> list[str]:
    """Write the pages of all runs and return their names, the index first."""
    files, entries = [], []
    for run in runs:
        notebook, page = f"{run.name}.ipynb", f"{run.name}.html"
        (folder / notebook).write_bytes(to_bytes(run.notebook))
        (folder / page).write_text(to_html(run.notebook, index=INDEX), encoding="utf-8")
        links = [Link(notebook, "notebook")]
        if pdf and to_pdf(folder / page, folder / f"{run.name}.pdf"):
            links.append(Link(f"{run.name}.pdf", "PDF"))
        entries.append(Entry(run.name, question(run.name), run.verdict, links, first_picture(run.notebook)))
        files += [page, *(link.href for link in links)]
    (folder / INDEX).write_text(index_html(entries, skipped), encoding="utf-8")
    document = {"schema": VERDICTS_SCHEMA, "verdicts": [run.verdict for run in runs]}
    (folder / "verdict.json").write_text(as_json(document) + "\n", encoding="utf-8")
    return [INDEX, "verdict.json", *files]


def question(name: str) -> str:
    """Return the question a notebook answers; empty for a notebook that is not the kit's."""
    return NOTEBOOKS[name].question if name in NOTEBOOKS else ""
