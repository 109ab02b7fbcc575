"""Files given in the wrong place, told apart after the reading failed: a log as traces, a table as a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from incident_kit.errors import InputError, SourceError
from incident_kit.inert import visible

MOSTLY = 0.5
"""A file of whose first lines fewer fit a format is no log in that format."""


@contextmanager
def told_apart(logs: Sequence[str], traces: Sequence[str] = ()) -> Iterator[None]:
    """Let the reading within fail with a sentence on what the file is, where we know that.

    Raises
    ------
    SourceError
        If the file that an error names is a log among traces, or a Parquet file of our own.
    """
    try:
        yield
    except InputError as error:
        for path in _files(traces):
            if _names(error, path) and (known := _table(path) or _log(path)):
                raise SourceError(f"{path} {known}") from error
        for path in _files(logs):
            if _names(error, path) and (known := _table(path)):
                raise SourceError(f"{path} {known}") from error
        raise


def _names(error: InputError, path: str) -> bool:
    """Return whether an error is about a file, which is what its sentence begins with."""
    return str(error).startswith(f"{visible(path)} ")


def _files(paths: Sequence[str]) -> list[str]:
    """Return the files on this machine that paths stand for; no others can be looked at twice."""
    from incident_kit.read.sources.paths import STANDARD_INPUT, find_sources

    try:
        found = find_sources([path for path in paths if path != STANDARD_INPUT and "://" not in path])
    except SourceError:
        return []
    return [source.name for source in found]


def _log(path: str) -> str | None:
    """Say that a file is an access log, if it is."""
    from incident_kit.read.access_log import explain_access_log

    try:
        (found,) = explain_access_log(path)
    except InputError:
        return None
    if found.recognised < MOSTLY * found.sampled:
        return None
    return f"is an access log ({found.log_format}), no traces; give it without --traces."


def _table(path: str) -> str | None:
    """Say which of our own Parquet files a file is, if it is one."""
    import polars as pl

    from incident_kit.engines.rollup_file import is_parquet, is_rollup
    from incident_kit.schema import REQUESTS

    if not is_parquet(Path(path)):
        return None
    if is_rollup(path):
        return "is a rollup; give it to diagnose, report, compare, alerts or rollup, alone or with others."
    try:
        columns = pl.read_parquet_schema(path).keys()
    except pl.exceptions.PolarsError:
        return "begins like Parquet and is damaged; write it again, or give the log itself."
    is_parsed = REQUESTS.keys() <= columns
    return "is a table of requests that `parse` wrote; give the log it was read from." if is_parsed else None
