"""Keep standard input and pipes in files, for code that reads it twice or in another process."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from incident_kit.errors import SourceError
from incident_kit.read.sources.paths import STANDARD_INPUT


@contextmanager
def pipes_as_files(inputs: Sequence[str]) -> Iterator[list[str]]:
    """Yield the inputs with `-`, and every pipe such as `<(…)`, replaced by a temporary file that holds it.

    Raises
    ------
    SourceError
        If standard input, or a pipe, is empty.
    """
    once = dict.fromkeys(item for item in inputs if item == STANDARD_INPUT or Path(item).is_fifo())
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory()) if once else ""
        files = {item: _copied(item, Path(scratch), number) for number, item in enumerate(once)}
        yield [files.get(item, item) for item in inputs]


def _copied(item: str, folder: Path, number: int) -> str:
    """Copy what comes through a pipe into a file, and return its path."""
    is_standard = item == STANDARD_INPUT
    file = folder / ("standard-input.log" if is_standard else f"pipe-{number}.log")
    with file.open("wb") as opened:
        if is_standard:
            shutil.copyfileobj(sys.stdin.buffer, opened)
        else:
            with Path(item).open("rb") as pipe:
                shutil.copyfileobj(pipe, opened)
    if not file.stat().st_size:
        place = "standard input" if is_standard else item
        raise SourceError(f"Nothing came on {place}; pipe at least one line into it.")
    return str(file)
