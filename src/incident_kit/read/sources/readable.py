"""Begin sources, and leave out those that hold nothing to read.

Nobody says that all files of a folder are logs: beside `access.log` lie `error.log`, the empty file that
rotation made, and links that lead nowhere. They stop nothing, and all but the empty ones are mentioned. A
file that was named is meant to be read, so whatever is wrong with it is an error.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from incident_kit.errors import EmptySourceError, InputError, TracesGivenError
from incident_kit.read.sources.paths import Paths, Source, find_sources, given_paths, names_in
from incident_kit.wording import count, listed

Begun = TypeVar("Begun")

SHOWN = 5
"""How many of the files that were left out are named."""


class Readable:
    """The sources that paths stand for, of which those that cannot be read are left out.

    Raises
    ------
    SourceError
        If a path does not exist, or a glob or folder holds nothing.
    """

    def __init__(self, paths: Paths) -> None:
        self._sources = find_sources(paths)
        self._links = _broken_links(paths)
        self._left_out: list[str] = []
        self._traces: list[str] = []
        self.last = ""
        """The name of the last source that was begun."""

    def begun(self, begin: Callable[[Source], Begun]) -> Iterator[Begun]:
        """Yield what `begin` returns for each source that holds something to read.

        Raises
        ------
        EmptySourceError
            If all sources are empty.
        InputError
            If a source that was named cannot be read, or none of several can.
        """
        first: InputError | None = None
        for source in self._sources:
            try:
                begun = begin(source)
            except InputError as error:
                if not _is_left_out(source, error):
                    raise
                first = first or error
                self._leave_out(source.name, error)
                continue
            self.last = source.name
            yield begun
        if first and not self.last:
            raise first

    def note(self, kind: str) -> str | None:
        """Return what to say of the sources that were left out so far, none of which is of this kind."""
        said = [_on_links(self._links)] if self._links else []
        said += [_on_traces(self._traces)] if self._traces else []
        said += [_on_files(self._left_out, kind)] if self._left_out else []
        return " ".join(said) or None

    def _leave_out(self, name: str, error: InputError) -> None:
        if isinstance(error, TracesGivenError):
            self._traces.append(name)
        elif not isinstance(error, EmptySourceError):
            self._left_out.append(name)


def _is_left_out(source: Source, error: InputError) -> bool:
    return source.listed or isinstance(error, EmptySourceError)


def _broken_links(paths: Paths) -> list[str]:
    """Return the links in the given folders that lead nowhere or in a circle."""
    folders = [place for path in given_paths(paths) if (place := Path(path).expanduser()).is_dir()]
    # Path.exists would raise where a folder on the way may not be entered.
    return [name for place in folders for name in names_in(place) if not os.path.exists(name)]  # noqa: PTH110


def _on_links(links: list[str]) -> str:
    others = f", as {'is' if len(links) == 2 else 'are'} {len(links) - 1} more" if len(links) > 1 else ""
    return f"{links[0]} is a link that leads nowhere{others}; the rest of its folder was read."


def _on_traces(names: list[str]) -> str:
    look, them = ("looks", "it") if len(names) == 1 else ("look", "them")
    return f"{_shown(names)} {look} like traces; give {them} as traces (traces=, --traces)."


def _on_files(names: list[str], kind: str) -> str:
    return (
        f"{count(len(names), 'file')} could not be read as {kind} and {'was' if len(names) == 1 else 'were'} "
        f"left out: {_shown(names)}; give one by its own name to learn why."
    )


def _shown(names: list[str]) -> str:
    more = len(names) - SHOWN
    return listed([*names[:SHOWN], *([f"{more:,} more"] if more > 0 else [])])
