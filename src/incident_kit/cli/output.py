"""Writing tables, and saying how a log was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.inert import for_csv, for_terminal

if TYPE_CHECKING:
    from incident_kit.read.access_log import Explanation

SHOWN_CHARACTERS = 200
"""How much of a rejected line is shown."""

_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
    ".csv": lambda frame, path: _inert(frame).write_csv(path),
}


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a table in the format that the file's name ends with.

    Raises
    ------
    ParameterError
        If the ending is none of those we write.
    """
    writer = _WRITERS.get(path.suffix)
    if writer is None:
        raise ParameterError(f"{path} ends in no format we write; name it {', '.join(sorted(_WRITERS))}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    writer(frame, path)


def _inert(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the table with texts that a spreadsheet shows and does not compute."""
    return frame.with_columns(pl.col(pl.String).map_elements(for_csv, return_dtype=pl.String))


def explanation(found: Explanation, notes: Iterable[str]) -> str:
    """Say which format was detected, from how many lines, and show the first lines of each kind."""
    shown = found.parsed.select("line_number", "start_time", "method", "target", "status", "duration_ms")
    lines = [
        f"format: {found.log_format} ({found.recognised} of the first {found.sampled} lines fit)",
        *notes,
        f"the first {len(shown)} requests:",
        *(f"  {row}" for row in shown.iter_rows(named=True)),
        f"the first {len(found.rejected)} rejected lines:",
        *(_rejected(row) for row in found.rejected.iter_rows(named=True)),
    ]
    return "\n".join(for_terminal(line) for line in lines)


def _rejected(row: dict[str, Any]) -> str:
    return f"  {row['source']}:{row['line_number']}: {row['reason']}: {row['raw'][:SHOWN_CHARACTERS]}"
