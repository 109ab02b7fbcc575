"""Writing tables, and saying how a log was read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.inert import for_csv, for_terminal

if TYPE_CHECKING:
    from incident_kit.read.access_log import AccessLog

EXAMPLES = 3
"""How many lines of each kind `--explain` shows."""

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


def explain_log(log: AccessLog) -> str:
    """Say which format was detected, from how many lines, and show the first lines of each kind."""
    parsed = log.requests.head(EXAMPLES).select(
        "line_number", "start_time", "method", "target", "status", "duration_ms"
    )
    lines = [f"format: {log.log_format}", *log.notes, f"the first {len(parsed)} requests:"]
    lines += [for_terminal(f"  {row}") for row in parsed.iter_rows(named=True)]
    rejected = log.rejected.head(EXAMPLES)
    lines.append(f"the first {len(rejected)} rejected lines:")
    lines += [
        for_terminal(f"  {row['source']}:{row['line_number']}: {row['reason']}: {row['raw'][:200]}")
        for row in rejected.iter_rows(named=True)
    ]
    return "\n".join(lines)
