"""The verb `report`: run notebooks on your data and write them as pages that work offline."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incident_kit.errors import IncidentKitError
from incident_kit.read.sources.paths import named_in_utf_8
from incident_kit.reports.notebooks.completion import verdicts_in
from incident_kit.reports.notebooks.execute import Run
from incident_kit.reports.notebooks.parameter_check import validate
from incident_kit.reports.notebooks.parameters import NOTEBOOKS
from incident_kit.reports.notebooks.run_in_parallel import run_in_parallel
from incident_kit.reports.notebooks.tidy import tidy
from incident_kit.reports.pages.index_page import Skipped
from incident_kit.reports.pages.page_folder import question, write_pages
from incident_kit.reports.pages.upload import is_address, upload
from incident_kit.reports.prose.file_names import without_folders
from incident_kit.sensitive import mask_secrets

DEFAULT_NOTEBOOKS = ("triage", "latency_regression", "error_spike")
"""The questions asked first in an incident: what happened, what became slow, what fails."""

# If the caller configured no logging, a warning is a plain line on standard error.
_log = logging.getLogger(__name__)

Given = str | Path | Sequence[str | Path] | None


@dataclass(frozen=True)
class Report:
    """What was written: the index, the files, the verdicts, and the notebooks that could not be made."""

    index: str
    files: tuple[str, ...]
    verdicts: tuple[dict[str, Any], ...]
    skipped: tuple[Skipped, ...] = ()

    def __repr__(self) -> str:
        return f"Report({self.index})"


def report(
    access_log: Given = None,
    *,
    output: str | Path,
    traces: Given = None,
    notebook: str | Sequence[str] | None = None,
    every: bool = False,
    pdf: bool = True,
    **parameters: Any,
) -> Report:
    """Run notebooks and write each as a notebook, an HTML page and, where Chromium is installed, a PDF.

    Nothing is written before all have run. A notebook that lacks the data it needs is skipped, with a
    sentence in a warning and on the index, as long as another notebook can be made.

    Parameters
    ----------
    access_log, traces
        Paths; with neither, each notebook runs on its sample.
    output
        A folder, or an address such as `s3://bucket/folder` (extra `s3`).
    notebook
        Names of the kit's notebooks or paths of yours, by default `DEFAULT_NOTEBOOKS`; `every=True` runs all.
    parameters
        Any other parameter of the notebooks.

    Raises
    ------
    ParameterError
        If a parameter is unknown or has a wrong value; then nothing is run.
    InputError
        If the input cannot be read.
    NotebookError
        If a notebook did not run to its verdict.
    OutputError
        If an address cannot be written to.
    """
    names = _names(notebook, every)
    given = {"access_log": _plain(access_log), "traces": _plain(traces), **parameters}
    wanted = {name: value for name, value in given.items() if value is not None}
    for name in names:
        if not str(name).endswith(".ipynb"):
            validate(name, wanted)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if is_address(output) else Path(output)
        made, refused = run_in_parallel(names, Path(scratch), wanted)
        runs = [_without_secrets(run) for run in made]
        skipped = _skipped(refused)
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / file for file in write_pages(runs, skipped, folder, pdf=pdf)]
        places = upload(files, str(output)) if is_address(output) else [str(file) for file in files]
    return Report(places[0], tuple(places), tuple(run.verdict for run in runs), tuple(skipped))


def _names(notebook: str | Sequence[str] | None, every: bool) -> list[str]:
    if every:
        return list(NOTEBOOKS)
    return [notebook] if isinstance(notebook, str) else list(notebook or DEFAULT_NOTEBOOKS)


def _plain(given: Given) -> str | list[str] | None:
    """Return paths as text, which papermill can write into a cell."""
    if given is None or isinstance(given, str | Path):
        return None if given is None else named_in_utf_8(str(given))
    return [named_in_utf_8(str(path)) for path in given] or None


def _without_secrets(run: Run) -> Run:
    """Return a run that is safe to publish: all texts of its notebook and its verdict are masked."""
    notebook = tidy(run.notebook, mask_secrets, without_folders)
    return Run(run.name, notebook, verdicts_in(notebook)[-1])


def _skipped(refused: Mapping[str, IncidentKitError]) -> list[Skipped]:
    """Warn about each notebook that cannot be made, and return the entries for the index."""
    skipped = [
        Skipped(Path(name).stem, question(name), mask_secrets(str(error))) for name, error in refused.items()
    ]
    for one in skipped:
        _log.warning("%s is left out: %s", one.name, one.why)
    return skipped
