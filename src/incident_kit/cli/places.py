"""Check output paths before reading anything, so that nobody waits an hour to learn that one is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from incident_kit.errors import OutputError, SourceError, reason


def check_files(*paths: Path | None) -> None:
    """Check that a file can be written at each given path; nothing is left behind.

    Raises
    ------
    OutputError
        If a path is a folder or a protected file, or its folder cannot be written to.
    """
    for path in filter(None, paths):
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file in it, such as {path / 'NAME'}.")
        if not path.exists():
            _check_room(path, path.parent)
        elif not os.access(path, os.W_OK):
            raise OutputError(f"{path} is protected from being written; name another file.")


def check_apart(written: Iterable[Path | None], read: Iterable[str | Path | None]) -> None:
    """Check that nothing is written over what is read, and that no two outputs are one file.

    Raises
    ------
    OutputError
        If they are the same file, whatever leads there.
    """
    taken = _places(read)
    for path in filter(None, written):
        place = os.path.realpath(path)
        if place in taken:
            raise OutputError(f"{path} {taken[place]}, and would be written over; name another file.")
        taken[place] = "is written already"


def _places(read: Iterable[str | Path | None]) -> dict[str, str]:
    """Return where the inputs lie; of those that cannot be found whoever reads them says so."""
    from incident_kit.read.sources.paths import find_sources

    with suppress(SourceError):
        sources = find_sources([str(item) for item in read if item is not None])
        return {os.path.realpath(source.name): "is read" for source in sources}
    return {}


def check_folder(path: Path) -> None:
    """Check that files can be written into a folder, whether it exists or not; nothing is left behind.

    Raises
    ------
    OutputError
        If the path is a file, or the folder can neither be made nor written to.
    """
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path} is a file, and a folder is needed; name another place.")
    _check_room(path, path)


def _check_room(path: Path, folder: Path) -> None:
    """Write an unnamed temporary file into the nearest existing folder."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {there} takes no files ({reason(error)}); name another place."
        ) from error
