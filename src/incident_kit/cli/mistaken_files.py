"""Explain why reading failed where a file is in the wrong place: a log given as traces, a rollup as a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from incident_kit.errors import InputError, SourceError
from incident_kit.inert import escape_controls

MOSTLY = 0.5
"""Least part of a file's first lines that fit a format for the file to count as a log in it."""


@contextmanager
def explain_mistaken_files(logs: Sequence[str], traces: Sequence[str] = ()) -> Iterator[None]:
    """Replace an error of reading inside the block by a sentence that says what the file is, if known.

    Raises
    ------
    SourceError
        If the file that failed is an access log given as traces, or a rollup.
    """
    try:
        yield
    except InputError as error:
        for path in _files(traces):
            if _names(error, path) and (known := _rollup(path) or _log(path)):
                raise SourceError(f"{path} {known}") from error
        for path in _files(logs):
            if _names(error, path) and (known := _rollup(path)):
                raise SourceError(f"{path} {known}") from error
        raise


def _names(error: InputError, path: str) -> bool:
    """Return whether an error is about a file, with whose name its sentence then begins."""
    return str(error).startswith(f"{escape_controls(path)} ")


def _files(paths: Sequence[str]) -> list[str]:
    """Return the local files that the paths stand for; other sources cannot be read a second time."""
    from incident_kit.read.sources.paths import STANDARD_INPUT, find_sources

    try:
        found = find_sources([path for path in paths if path != STANDARD_INPUT and "://" not in path])
    except SourceError:
        return []
    return [source.name for source in found]


def _log(path: str) -> str | None:
    """Return a sentence that the file is an access log, or None if it is not."""
    from incident_kit.read.access_log import explain_access_log

    try:
        (found,) = explain_access_log(path)
    except InputError:
        return None
    if found.recognised < MOSTLY * found.sampled:
        return None
    return f"is an access log ({found.log_format}), no traces; give it without --traces."


def _rollup(path: str) -> str | None:
    """Return a sentence that says that the file is a rollup, or None if it is none."""
    from incident_kit.engines.rollup_file import is_rollup

    if not is_rollup(path):
        return None
    return "is a rollup; give it to diagnose, report, compare, alerts or rollup, alone or with others."
