"""Find the sources of logs and traces: paths, globs, directories, standard input and object stores."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from incident_kit.errors import SourceError, reason
from incident_kit.read.sources.compression import decompressed

Paths = str | Path | Sequence[str | Path]

STANDARD_INPUT = "-"
MAGIC = frozenset("*?[")


@dataclass(frozen=True)
class Source:
    """One file, URL or standard input, by the name it is reported under."""

    name: str
    listed: bool = field(default=False, kw_only=True)
    """Whether a folder or a glob listed it, so that nobody said that it holds what is to be read."""

    @property
    def title(self) -> str:
        """The name to use for the source in a sentence."""
        return "standard input" if self.name == STANDARD_INPUT else self.name

    @contextmanager
    def open(self) -> Iterator[BufferedIOBase]:
        """Open the source, decompressed.

        Raises
        ------
        SourceError
            If it cannot be opened.
        """
        with ExitStack() as stack:
            try:
                raw = self._open_raw(stack)
                stream = decompressed(raw)  # which looks at its beginning
            except OSError as error:
                raise SourceError(
                    f"{self.name} cannot be opened: {reason(error)}; check the path and who may read it."
                ) from error
            yield stream if stream is raw else stack.enter_context(stream)

    def _open_raw(self, stack: ExitStack) -> BufferedIOBase:
        if self.name == STANDARD_INPUT:
            return cast(BufferedIOBase, sys.stdin.buffer)
        if "://" in self.name:
            return self._open_remote(stack)
        return cast(BufferedIOBase, stack.enter_context(Path(self.name).open("rb")))

    def _open_remote(self, stack: ExitStack) -> BufferedIOBase:
        try:
            import fsspec

            return cast(BufferedIOBase, stack.enter_context(fsspec.open(self.name, "rb")))
        except _refusals() as error:
            raise _unreadable(self.name, error) from error


def _refusals() -> tuple[type[Exception], ...]:
    """Return the exceptions of stores and of missing libraries; the extra `s3` has exceptions of its own."""
    try:
        from botocore.exceptions import BotoCoreError
    except ImportError:
        return (ImportError, ValueError, OSError)
    return (ImportError, ValueError, OSError, BotoCoreError)


def _unreadable(address: str, error: Exception) -> SourceError:
    return SourceError(
        f"{address} needs a library to be read: {reason(error)}; for s3:// install incident-kit[s3]."
        if isinstance(error, ImportError | ValueError)
        else f"{address} cannot be opened: {reason(error)}; check the address and the store's credentials."
    )


def given_paths(paths: Paths) -> list[str]:
    """Return the paths that were given, one or several, as texts."""
    return [str(paths)] if isinstance(paths, str | Path) else list(map(str, paths))


def find_sources(paths: Paths) -> list[Source]:
    """Return the sources that files, globs, directories, URLs and `-` stand for, in the order given.

    A directory stands for every file in it that is not hidden, in the order of their names. A file that
    several of them stand for is one source, so that its requests are not counted twice.

    Raises
    ------
    SourceError
        If a path does not exist or is not UTF-8, or a glob or directory holds nothing.
    """
    given = given_paths(paths)
    if not given:
        raise SourceError("No input was given; name files, globs, directories or - for standard input.")
    found: dict[str, Source] = {}
    for path in given:
        for name in _expand(path):
            # A path that is a file's own stands for itself; a directory or a glob never has a file's name.
            source = Source(named_in_utf_8(name), listed=name != _itself(path))
            found.setdefault(_place(name), source)
    return list(found.values())


def named_in_utf_8(name: str) -> str:
    """Return the name of a source, which stands in tables, pages and cells of notebooks.

    Raises
    ------
    SourceError
        If it is not UTF-8.
    """
    if name.isprintable() or name.encode(errors="ignore").decode() == name:
        return name
    raise SourceError(f"The name {name} is not UTF-8; rename the file, or give it on standard input.")


def _itself(path: str) -> str:
    return path if path == STANDARD_INPUT or "://" in path else str(Path(path).expanduser())


def _place(name: str) -> str:
    """Return what identifies a source: for a file, its real path, with links resolved."""
    return name if name == STANDARD_INPUT or "://" in name else os.path.realpath(name)


def _expand(path: str) -> list[str]:
    if path == STANDARD_INPUT:
        return [path]
    if "://" in path:
        return _expand_remote(path) if MAGIC.intersection(path) and not path.startswith("http") else [path]
    place = Path(path).expanduser()
    if place.is_dir():
        found = [name for name in names_in(place) if os.path.isfile(name)]  # noqa: PTH113  which raises on some links
        if not found:
            raise SourceError(_no_files("The directory", path, names_in(place)))
        return found
    if place.exists():
        return [str(place)]
    matched = sorted(map(str, _globbed(place)))
    found = [name for name in matched if os.path.isfile(name)]  # noqa: PTH113
    if matched and not found:
        raise SourceError(_no_files("The glob", path, matched))
    if not found:
        raise SourceError(f"There is no file {path}; check the path, or quote the glob.")
    return found


def _no_files(what: str, path: str, inside: list[str]) -> str:
    if any(map(os.path.isdir, inside)):
        return f"{what} {path} holds only folders; give '{path}/**/*', quoted, for all files below them."
    return f"{what} {path} holds no files; name the folder that the logs or traces lie in."


def names_in(folder: Path) -> list[str]:
    """Return the paths of everything in a folder that is not hidden, in the order of their names."""
    with os.scandir(folder) as items:
        return sorted(item.path for item in items if item.name[0] != ".")


def _expand_remote(pattern: str) -> list[str]:
    try:
        from fsspec.core import url_to_fs

        store, path = url_to_fs(pattern)
        found = sorted(store.unstrip_protocol(name) for name in store.glob(path))
    except _refusals() as error:
        raise _unreadable(pattern, error) from error
    if not found:
        raise SourceError(f"Nothing in the store is called {pattern}; check the address.")
    return found


def _globbed(pattern: Path) -> Iterator[Path]:
    parts = pattern.relative_to(pattern.anchor)
    return Path(pattern.anchor).glob(str(parts)) if MAGIC.intersection(str(parts)) else iter(())
