"""Reading and rolling up against other engines, as ratios within one run; prints a Markdown table.

    python -m benchmarks.reading --lines 5000000

Each candidate is a process of its own: its whole time from start to end is counted, and its peak memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.command_line import command_line
from benchmarks.processes import Run, alone, kit, python, run
from benchmarks.reading_files import FILES, compressed, mixed_log, split_log
from benchmarks.reading_log import write_log
from benchmarks.rival_queries import (
    AGGREGATES,
    CHDB,
    CHDB_QUERY,
    CSV,
    DUCKDB,
    DUCKDB_REGEX,
    FIELDS,
    PANDAS,
    REGEX,
)

SPLIT, WHOLE = f"incident-kit rollup of {FILES} small files", "incident-kit rollup of the same as one file"
APART, MIXED = (
    "incident-kit rollup of nginx's and JSON lines, a file each",
    "incident-kit rollup of them in one file",
)


def candidates(log: Path, place: Path) -> Iterator[tuple[str, Run]]:
    """Yield every candidate's name and what it took on the log."""
    out = str(place / "out.parquet")
    warm_up(place)
    fields = f"select {FIELDS} from {CSV}".format(path=log)
    aggregation = AGGREGATES.format(source=fields)
    yield "incident-kit rollup", kit("rollup", str(log), "-o", out)
    yield "DuckDB, CSV reader and one aggregation", python(DUCKDB.format(query=aggregation))
    yield "incident-kit parse, all columns to Parquet", kit("parse", str(log), "-o", out)
    columns = f"copy (select {FIELDS}, * from {CSV}) to '{out}' (format parquet)".format(path=log)
    yield "DuckDB, CSV reader, all columns to Parquet", python(DUCKDB.format(query=columns))
    for name, packed in compressed(log):
        yield f"incident-kit rollup, .{name}", kit("rollup", str(packed), "-o", out)
    whole, parts = alone(split_log, place)
    yield WHOLE, kit("rollup", str(whole), "-o", out)
    yield SPLIT, kit("rollup", str(parts), "-o", out)
    apart, mixed = alone(mixed_log, place)
    yield APART, kit("rollup", str(apart), "-o", out)
    yield MIXED, kit("rollup", str(mixed), "-o", out)
    yield from others(log)


def warm_up(place: Path) -> None:
    """Let each program compile its modules, which none of them is timed for."""
    few = place / "few.log"
    alone(write_log, few, 1_000)
    kit("rollup", str(few), "-o", str(place / "few.parquet"))
    kit("parse", str(few), "-o", str(place / "few.parquet"))
    python("import duckdb, pandas")


def others(log: Path) -> Iterator[tuple[str, Run]]:
    """Yield the engines that may be installed."""
    yield "DuckDB, regular expression", python(DUCKDB.format(query=DUCKDB_REGEX.format(path=log)))
    yield "pandas, regular expression", python(PANDAS.format(path=str(log), regex=REGEX))
    if find_spec("chdb"):
        query = CHDB_QUERY.format(regex=REGEX.replace("\\", "\\\\"), path=log)
        yield "ClickHouse (chdb), regular expression", python(CHDB.format(query=query))
    if shutil.which("goaccess"):
        report = str(log.with_suffix(".json"))
        yield "GoAccess", run("goaccess", str(log), "--log-format=COMBINED", "-o", report, "--no-progress")


def table(results: list[tuple[str, Run]]) -> str:
    """Return the results as a Markdown table; each ratio is against the line of its own kind."""
    known = dict(results)
    rows = ["| candidate | seconds | peak MB | ratio to |", "|---|--:|--:|---|"]
    for name, found in results:
        rival = _rival(name)
        base = known.get(rival) if rival else None
        ratio = (
            f"{found.seconds / base.seconds:.2f} {rival}" if base and base.seconds and found.seconds else ""
        )
        seconds = "failed" if found.seconds is None else f"{found.seconds:.2f}"
        rows.append(f"| {name} | {seconds} | {found.megabytes or 0:.0f} | {ratio} |")
    return "\n".join(rows)


def _rival(name: str) -> str | None:
    rivals = {
        SPLIT: WHOLE,
        WHOLE: None,
        APART: None,
        MIXED: APART,
        "incident-kit rollup, .": "incident-kit rollup",
        "incident-kit rollup": "DuckDB, CSV reader and one aggregation",
        "incident-kit parse": "DuckDB, CSV reader, all columns to Parquet",
    }
    return next((rival for start, rival in rivals.items() if name.startswith(start)), None)


def main() -> None:
    """Make the log, run the candidates, print the table."""
    parser = command_line(__doc__)
    parser.add_argument("--lines", type=int, default=200_000, help="length of the log")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        log = place / "access.log"
        alone(write_log, log, arguments.lines)
        print(f"{arguments.lines:,} lines, {log.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} cores\n")
        print(table(list(candidates(log, place))))


if __name__ == "__main__":
    main()
