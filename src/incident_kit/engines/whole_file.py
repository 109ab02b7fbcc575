"""Write a file beside its place, and put it there once it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

DESCRIPTORS = ("/dev/std", "/dev/fd/", "/proc/")


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield the path to write to; the file there takes the place of `path` when the block ends.

    If the block fails, as it does where a disk is full, `path` stays as it was and nothing else is left. A
    pipe, a device, and a file in a folder that takes no others are written where they are.
    """
    place = Path(os.path.realpath(path))  # a link goes on leading there
    if _is_opened(Path(path)) or (place.exists() and not os.access(place.parent, os.W_OK)):
        yield Path(path)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    # Hidden, so that it is no file of the folder for whoever reads that meanwhile.
    part = place.with_name(f".{uuid4().hex}.part")
    try:
        yield part
        _put(part, place)
    finally:
        part.unlink(missing_ok=True)


def _is_opened(path: Path) -> bool:
    """Return whether a path is no file of its own: a pipe, a device, or what this process has open."""
    return (path.exists() and not path.is_file()) or str(path).startswith(DESCRIPTORS)


def _put(part: Path, place: Path) -> None:
    if place.exists():
        shutil.copymode(place, part)
    try:
        part.replace(place)
    except OSError:  # a file that is mounted by itself, as into a container, can only be written over
        shutil.copyfile(part, place)
