"""Store notebooks with fresh outputs.

python -m incident_kit.reports.notebooks.refresh [NOTEBOOK or FOLDER ...]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from incident_kit.reports.notebooks.bundle import notebook_path
from incident_kit.reports.notebooks.execute import run_notebook
from incident_kit.reports.notebooks.parameters import NOTEBOOKS
from incident_kit.reports.notebooks.tidy import tidy, to_bytes


def refresh(paths: Iterable[str | Path] = ()) -> list[Path]:
    """Run notebooks, by default the kit's, and store each with its outputs; return their paths.

    Raises
    ------
    NotebookError
        If one did not run to its verdict; those before it are stored.
    """
    written = []
    for path in _notebooks([Path(path) for path in paths]):
        with tempfile.TemporaryDirectory() as scratch:
            run = run_notebook(path, Path(scratch) / path.name)
        path.write_bytes(to_bytes(tidy(run.notebook)))
        written.append(path)
    return written


def _notebooks(paths: list[Path]) -> Iterator[Path]:
    if not paths:
        yield from map(notebook_path, NOTEBOOKS)
    for path in paths:
        yield from sorted(path.glob("*.ipynb")) if path.is_dir() else [path]


if __name__ == "__main__":
    refresh(sys.argv[1:])
