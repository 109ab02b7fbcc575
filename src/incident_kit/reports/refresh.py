"""Store every notebook with fresh outputs: `python -m incident_kit.reports.refresh [NAME...]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from incident_kit.reports.bundle import notebook_path
from incident_kit.reports.execute import run_notebook
from incident_kit.reports.parameters import NOTEBOOKS
from incident_kit.reports.tidy import tidy, to_bytes


def refresh(names: Sequence[str] = ()) -> list[Path]:
    """Run notebooks of the kit, all by default, and write each back with its outputs; return their paths.

    Raises
    ------
    NotebookError
        If one did not run to its verdict; those before it are written.
    """
    paths = []
    for name in names or NOTEBOOKS:
        with tempfile.TemporaryDirectory() as scratch:
            run = run_notebook(name, Path(scratch) / f"{name}.ipynb")
        path = notebook_path(name)
        path.write_bytes(to_bytes(tidy(run.notebook)))
        paths.append(path)
    return paths


if __name__ == "__main__":
    refresh(sys.argv[1:])
