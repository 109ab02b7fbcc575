"""How fast each log format is read, and how fast routes are guessed; prints a Markdown table.

    python -m benchmarks.formats

A log of each format is its sample line with another path in every line.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.command_line import command_line
from incident_kit.read.access_log import read_access_log
from incident_kit.read.parsing.registry import all_formats
from incident_kit.read.values.route_inference import infer_routes

DISTINCT_PATHS = 1_000_000


def format_speeds(place: Path, count: int) -> Iterator[tuple[str, float]]:
    """Yield every format's name and how many million lines a second it reads, all columns."""
    for row in all_formats():
        header, _, line = row.samples[0].line.rpartition("\n")
        path = place / "format.log"
        lines = (line.replace("/x", f"/x/{number}") for number in range(count))
        path.write_text(header + "\n" * bool(header) + "\n".join(lines) + "\n", encoding="utf-8")
        started = time.perf_counter()
        read_access_log(path, log_format=row.name)
        yield row.name, count / (time.perf_counter() - started) / 1e6


def template_seconds() -> float:
    """Return the seconds that the routes of a million distinct paths take."""
    numbers = pl.Series(range(DISTINCT_PATHS)).cast(pl.String)
    paths = pl.select(pl.format("/api/users/{}/orders/{}", numbers, numbers.str.zfill(12))).to_series()
    started = time.perf_counter()
    infer_routes(paths)
    return time.perf_counter() - started


def main() -> None:
    """Print the speed of every format, and the time of the routes."""
    parser = command_line(__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="length of the log of each format")
    arguments = parser.parse_args()
    print(f"Routes of {DISTINCT_PATHS:,} distinct paths: {template_seconds():.2f} s\n")
    print("| format | million lines a second |\n|---|--:|")
    with tempfile.TemporaryDirectory() as directory:
        for name, speed in format_speeds(Path(directory), arguments.lines):
            print(f"| {name} | {speed:.2f} |")


if __name__ == "__main__":
    main()
