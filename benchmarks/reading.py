"""Reading and rolling up against other engines, as ratios within one run; prints a Markdown table.

    python -m benchmarks.reading --lines 5000000

Each candidate is a process of its own: its whole time from start to end is counted, and its peak memory.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from benchmarks.command_line import command_line
from benchmarks.reading_log import write_log
from incident_kit.read.access_log import read_access_log
from incident_kit.read.parsing.registry import all_formats
from incident_kit.read.values.route_inference import infer_routes

DISTINCT_PATHS = 1_000_000
FORMAT_LINES = 100_000
FILES, LINES_A_FILE = 100, 2_000
SPLIT, WHOLE = f"incident-kit rollup of {FILES} small files", "incident-kit rollup of the same as one file"
MIXED_LINES = 100_000
APART, MIXED = (
    "incident-kit rollup of nginx's and JSON lines, a file each",
    "incident-kit rollup of them in one file",
)
JSON_LINE = (
    '{{"time":"2026-10-10T{:02}:{:02}:{:02}Z","method":"GET","path":"/api/items/{}",'
    '"status":200,"duration_ms":{}}}\n'
)
PIECES = 14
COLUMNS = ", ".join(f"'p{n}': 'varchar'" for n in range(PIECES))
CSV = (
    "read_csv('{path}', delim='\"', quote='', escape='', header=false, null_padding=true, "
    "ignore_errors=true, strict_mode=false, auto_detect=false, columns={{" + COLUMNS + "}})"
)
FIELDS = (
    "try_strptime(p0[-28:-3], '%d/%b/%Y:%H:%M:%S %z') as stamp, "
    "regexp_replace(split_part(split_part(p1, ' ', 2), '?', 1), '[0-9]+', '{{id}}', 'g') as route, "
    "try_cast(p2[2:4] as smallint) as status, try_cast(split_part(p6, '=', 2)[:-5] as double) as seconds"
)
AGGREGATES = (
    "select date_trunc('minute', stamp), route, count(*), count(*) filter (status >= 500), "
    "approx_quantile(seconds, [0.5, 0.95, 0.99]) from ({source}) group by all"
)
DUCKDB = "import duckdb; c = duckdb.connect(); c.execute('set threads=2'); c.execute({query!r}).fetchall()"
REGEX = r'^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "[^"]*" "[^"]*" rt=(\S+)'
LINES = "read_csv('{path}', delim='\x01', quote='', escape='', header=false, columns={{'line': 'varchar'}})"
DUCKDB_REGEX = (
    "select date_trunc('minute', try_strptime(g.t, '%d/%b/%Y:%H:%M:%S %z')), "
    "regexp_replace(g.p, '[0-9]+', '{{id}}', 'g'), count(*), "
    "approx_quantile(try_cast(g.d as double), [0.5, 0.95, 0.99]) from (select regexp_extract("
    f"line, '{REGEX}', ['a', 't', 'm', 'p', 's', 'b', 'd']) as g from {LINES}) group by all"
)
PANDAS = """
import pandas as pd
lines = pd.read_csv({path!r}, sep="\\x01", header=None, engine="c", quoting=3, dtype=str)[0]
frame = lines.str.extract({regex!r})
minute = pd.to_datetime(frame[1], format="%d/%b/%Y:%H:%M:%S %z", errors="coerce").dt.floor("min")
route = frame[3].str.replace(r"\\d+", "{{id}}", regex=True)
seconds = pd.to_numeric(frame[6], errors="coerce")
seconds.groupby([minute, route]).quantile([0.5, 0.95, 0.99])
"""
CHDB = """
import chdb
chdb.query({query!r})
"""
CHDB_QUERY = (
    "select toStartOfMinute(parseDateTimeBestEffortOrNull(g[2])) m, "
    "replaceRegexpAll(g[4], '[0-9]+', 'id') r, count(), quantiles(0.5, 0.95, 0.99)(toFloat64OrNull(g[7])) "
    "from (select extractGroups(line, '{regex}') g from file('{path}', LineAsString)) group by m, r"
)


@dataclass(frozen=True)
class Run:
    """What one process took: seconds, and megabytes at its peak; None where it is not installed or failed."""

    seconds: float | None
    megabytes: float | None = None


def run(*command: str) -> Run:
    """Run a process to its end, its modules compiled as installed ones are.

    What was written before is on the disk by then: to write it out would take the time of the next.
    """
    os.sync()
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled |= {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "benchmark-bytecode")}
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=compiled
    ) as process:
        error = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        print(f"{command[:4]} failed: {error.decode()[-400:]}", file=sys.stderr)
        return Run(None)
    return Run(time.perf_counter() - started, usage.ru_maxrss / 1024)


def python(code: str) -> Run:
    """Run Python code as a process of its own."""
    return run(sys.executable, "-c", code)


def kit(*arguments: str) -> Run:
    """Run the command line."""
    return run(sys.executable, "-m", "incident_kit", *arguments)


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
    whole, parts = split_log(place)
    yield WHOLE, kit("rollup", str(whole), "-o", out)
    yield SPLIT, kit("rollup", str(parts), "-o", out)
    apart, mixed = mixed_log(place)
    yield APART, kit("rollup", str(apart), "-o", out)
    yield MIXED, kit("rollup", str(mixed), "-o", out)
    yield from others(log)


def warm_up(place: Path) -> None:
    """Let each program compile its modules, which none of them is timed for."""
    few = place / "few.log"
    write_log(few, 1_000)
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


def compressed(log: Path) -> Iterator[tuple[str, Path]]:
    """Yield the log compressed in each way."""
    import gzip

    import zstandard

    for name, opener in {"gz": gzip.open, "zst": zstandard.open}.items():
        packed = log.with_name(f"{log.name}.{name}")
        with log.open("rb") as source, opener(packed, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        yield name, packed
        packed.unlink()


def split_log(place: Path) -> tuple[Path, Path]:
    """Write a log, and a folder of small files that hold the same lines."""
    whole, parts = place / "whole.log", place / "parts"
    write_log(whole, FILES * LINES_A_FILE)
    parts.mkdir()
    with whole.open("rb") as lines:
        for number in range(FILES):
            (parts / f"{number:03}.log").write_bytes(b"".join(islice(lines, LINES_A_FILE)))
    return whole, parts


def mixed_log(place: Path) -> tuple[Path, Path]:
    """Write a folder of nginx's lines and JSON lines, and one file of the same lines in turn."""
    apart, mixed = place / "apart", place / "mixed.log"
    apart.mkdir()
    write_log(apart / "nginx.log", MIXED_LINES)
    made = [
        JSON_LINE.format(n // 3600 % 24, n // 60 % 60, n % 60, n % 997, n % 250) for n in range(MIXED_LINES)
    ]
    (apart / "json.log").write_text("".join(made), encoding="utf-8")
    with (apart / "nginx.log").open(encoding="utf-8") as lines:
        mixed.write_text("".join(chain.from_iterable(zip(lines, made, strict=True))), encoding="utf-8")
    return apart, mixed


def format_speeds(place: Path) -> Iterator[tuple[str, float]]:
    """Yield every format's name and how many million lines a second it reads, all columns."""
    for row in all_formats():
        header, _, line = row.samples[0].line.rpartition("\n")
        path = place / "format.log"
        lines = (line.replace("/x", f"/x/{number}") for number in range(FORMAT_LINES))
        path.write_text(header + "\n" * bool(header) + "\n".join(lines) + "\n", encoding="utf-8")
        started = time.perf_counter()
        read_access_log(path, log_format=row.name)
        yield row.name, FORMAT_LINES / (time.perf_counter() - started) / 1e6


def template_seconds() -> float:
    """Return the seconds that the routes of a million distinct paths take."""
    numbers = pl.Series(range(DISTINCT_PATHS)).cast(pl.String)
    paths = pl.select(pl.format("/api/users/{}/orders/{}", numbers, numbers.str.zfill(12))).to_series()
    started = time.perf_counter()
    infer_routes(paths)
    return time.perf_counter() - started


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
    """Make the log, run the candidates, print the tables."""
    parser = command_line(__doc__)
    parser.add_argument("--lines", type=int, default=200_000, help="length of the log")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        log = place / "access.log"
        # A child's peak begins with its parent's size, so the log is made in a process of its own.
        with get_context("spawn").Pool(1) as maker:
            maker.apply(write_log, (log, arguments.lines))
        print(f"{arguments.lines:,} lines, {log.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} cores\n")
        print(table(list(candidates(log, place))))
        print(f"\nRoutes of {DISTINCT_PATHS:,} distinct paths: {template_seconds():.2f} s\n")
        print("| format | million lines a second |\n|---|--:|")
        for name, speed in format_speeds(place):
            print(f"| {name} | {speed:.2f} |")


if __name__ == "__main__":
    main()
