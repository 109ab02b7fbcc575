"""Keep standard input in a file, for code that reads it twice or in another process."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from incident_kit.errors import SourceError

STANDARD_INPUT = "-"


@contextmanager
def kept(inputs: Sequence[str]) -> Iterator[list[str]]:
    """Yield the inputs with `-` replaced by a temporary file that holds standard input.

    Raises
    ------
    SourceError
        If standard input is empty.
    """
    if STANDARD_INPUT not in inputs:
        yield list(inputs)
        return
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "standard-input.log"
        with file.open("wb") as opened:
            shutil.copyfileobj(sys.stdin.buffer, opened)
        if not file.stat().st_size:
            raise SourceError("Nothing came on standard input; pipe at least one line into it.")
        yield [str(file) if item == STANDARD_INPUT else item for item in inputs]
