"""Paths without their folders, which are nobody's business who reads a report."""

from __future__ import annotations

import ast
from pathlib import Path

from incident_kit.read.sources.paths import STANDARD_INPUT

DATA = frozenset({"access_log", "traces", "before", "after"})
"""The parameters that hold nothing but paths; others hold one where there is a file of that name."""


def file_name(path: str) -> str:
    """Return what a reader is told of a path: its last part."""
    return "standard input" if path == STANDARD_INPUT else path.rstrip("/").rpartition("/")[2]


def without_folders(assignments: str) -> str:
    """Return the cell of injected parameters with the paths in it cut to their last part.

    It still runs, in the folder that the data are in.
    """
    return "\n".join(_shortened(line) for line in assignments.splitlines())


def _shortened(line: str) -> str:
    """Return one assignment; papermill writes each on one line, after a comment."""
    name, separator, value = line.partition(" = ")
    if not separator:
        return line
    try:
        given = ast.literal_eval(value)
    except (SyntaxError, ValueError):  # float('nan') of a notebook of one's own: no path
        return line
    many = given if isinstance(given, list) else [given]
    kept = [_last_part(name, each) if isinstance(each, str) else each for each in many]
    return f"{name} = {kept if isinstance(given, list) else kept[0]!r}"


def _last_part(name: str, value: str) -> str:
    is_path = name in DATA or ("/" in value and Path(value).is_file())
    return file_name(value) if is_path else value
