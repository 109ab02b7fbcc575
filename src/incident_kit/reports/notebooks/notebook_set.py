"""List, copy and open the kit's notebooks."""

from __future__ import annotations

import shutil
from pathlib import Path

from incident_kit.errors import ParameterError
from incident_kit.reports.notebooks.bundle import notebook_path
from incident_kit.reports.notebooks.parameters import NOTEBOOKS


def copy_notebooks(directory: Path, *, replace: bool = False) -> list[Path]:
    """Copy every notebook of the kit into a folder and return the copies.

    Their defaults find the sample from any folder, so they run at once; a path that is given is relative to
    the folder in which the notebook runs.

    Raises
    ------
    ParameterError
        If a notebook exists already and is not to be replaced; then nothing is copied.
    """
    copies = {name: directory / f"{name}.ipynb" for name in NOTEBOOKS}
    there = [str(copy) for copy in copies.values() if copy.exists()]
    if there and not replace:
        raise ParameterError(f"{there[0]} is there already; name another folder, or add --replace.")
    directory.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(notebook_path(name), copy)) for name, copy in copies.items()]
