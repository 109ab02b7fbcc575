"""Reduce paths to file names, because the folders of the author do not concern the readers."""

from __future__ import annotations

import ast
from pathlib import Path

from incident_kit.read.sources.paths import STANDARD_INPUT

DATA = frozenset({"access_log", "traces", "before", "after"})
"""The parameters that hold nothing but paths; others hold one where there is a file of that name."""


def file_name(path: str) -> str:
    """Return the last part of a path, which is all that a reader sees of it."""
    return "standard input" if path == STANDARD_INPUT else path.rstrip("/").rpartition("/")[2]


def without_folders(assignments: str) -> str:
    """Return the cell of injected parameters with every path reduced to its file name.

    The cell still runs in the folder of the data.
    """
    return "\n".join(_shortened(line) for line in assignments.splitlines())


def _shortened(line: str) -> str:
    """Return one assignment with its path shortened; papermill writes one on each line, after a comment."""
    name, separator, value = line.partition(" = ")
    if not separator:
        return line
    try:
        given = ast.literal_eval(value)
    except (SyntaxError, ValueError):  # e.g. float('nan') in a user's own notebook, which is no path
        return line
    many = given if isinstance(given, list) else [given]
    kept = [_last_part(name, each) if isinstance(each, str) else each for each in many]
    return f"{name} = {kept if isinstance(given, list) else kept[0]!r}"


def _last_part(name: str, value: str) -> str:
    is_path = name in DATA or ("/" in value and Path(value).is_file())
    return file_name(value) if is_path else value
