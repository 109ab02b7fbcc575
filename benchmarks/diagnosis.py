"""Diagnosing against reading, as ratios within one run; prints a Markdown table.

    python -m benchmarks.diagnosis [--full] [--rounds 3]

Spans: their diagnosis against reading their file. A log: the diagnosis of its rollup against making that.
Each pair is a process of its own, with its peak memory after the first and after the second of the two.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl

from benchmarks.command_line import command_line
from benchmarks.processes import alone
from benchmarks.reading_log import write_log
from benchmarks.trace_files import SPANS_A_TRACE, write_otlp
from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.engines.local import rollup
from incident_kit.read.traces import read_traces
from incident_kit.window import Window

SMALL, FULL = (48_000, 200_000), (480_000, 5_000_000)
"""Spans and lines: small for a look, full as the figures are stated."""

SLOW, SLOWER = "payments", 1.5
"""Whose spans take longer in the second half, and how much: so there is something to find."""

SICK, FAILING, FAILS_ONE_IN = "catalogue", ("operation 0", "operation 2"), 3
"""Who fails, its operation with the one that called it, and in which part of the traces."""

TARGET, MEMORY = "at most 1", "below 1 GB"


class Pair(NamedTuple):
    """Seconds and peak megabytes of preparing (reading, rolling up) and of diagnosing."""

    prepared: float
    prepared_mb: float
    diagnosed: float
    diagnosed_mb: float


def of_slow_spans(path: Path) -> Pair:
    """Read the spans, then diagnose their second half, in which a service is slow, against the first."""
    longer = pl.col("duration_ms") * pl.when(service=SLOW).then(SLOWER).otherwise(1.0)
    return _of_spans(path, [longer], SLOW, "latency")


def of_failing_spans(path: Path) -> Pair:
    """The same where a service and its caller fail in some of the traces."""
    failing = (pl.col("trace_id").hash(1) % FAILS_ONE_IN == 0) & pl.col("name").is_in(FAILING)
    told = {"status": pl.lit("error"), "http_status": pl.lit(500, pl.Int16)}
    faults = [pl.when(failing).then(said).otherwise(name).alias(name) for name, said in told.items()]
    return _of_spans(path, faults, SICK, "errors")


def _of_spans(path: Path, faults: list[pl.Expr], culprit: str, indicator: str) -> Pair:
    started = time.perf_counter()
    spans = read_traces(path).spans
    prepared, prepared_mb = time.perf_counter() - started, _peak()
    first, last = spans["start"].min(), spans["start"].max()
    before, during = _halves(first, last)  # type: ignore[arg-type]
    now = during.covers("start")
    names = [fault.meta.output_name() for fault in faults]
    spans = spans.with_columns(
        pl.when(now).then(fault).otherwise(name).alias(name)
        for name, fault in zip(names, faults, strict=True)
    )
    started = time.perf_counter()
    found = diagnose(spans=spans, incident=during, baseline=before)
    assert found.incidents["indicator"].to_list() == [indicator]
    assert found.dependencies["name"][0] == culprit
    return Pair(prepared, prepared_mb, time.perf_counter() - started, _peak())


def of_log(path: Path) -> Pair:
    """Roll the log up, then diagnose its second half against the first."""
    started = time.perf_counter()
    table = rollup([path])
    prepared, prepared_mb = time.perf_counter() - started, _peak()
    assert table.meta.first is not None
    assert table.meta.last is not None
    before, during = _halves(table.meta.first, table.meta.last)
    started = time.perf_counter()
    diagnose(table, incident=during, baseline=before)
    return Pair(prepared, prepared_mb, time.perf_counter() - started, _peak())


def _halves(first: datetime, last: datetime) -> tuple[Window, Window]:
    middle, end = first + (last - first) / 2, last + timedelta(seconds=1)
    return Window(first, middle), Window(middle, end)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def best(work: Callable[[Path], Pair], path: Path, rounds: int) -> Pair:
    """Return the least of each figure over the rounds."""
    pairs = [alone(work, path) for _ in range(rounds)]
    return Pair(*(min(figures) for figures in zip(*pairs, strict=True)))


def report(results: dict[str, tuple[str, Pair]]) -> str:
    """Return the results as a Markdown table."""
    rows = ["| what | seconds | ratio | target | peak MB | target |", "|---|--:|--:|---|--:|---|"]
    for name, (preparing, pair) in results.items():
        ratio = pair.diagnosed / pair.prepared
        rows += [
            f"| {name}, {preparing} | {pair.prepared:.2f} | 1 | | {pair.prepared_mb:.0f} | |",
            f"| the same, diagnose | {pair.diagnosed:.2f} | {ratio:.2f} of it | {TARGET} "
            f"| {pair.diagnosed_mb:.0f} | {MEMORY} |",
        ]
    return "\n".join(rows)


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that the figures are stated for")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed; the best counts")
    arguments = parser.parse_args()
    spans, lines = FULL if arguments.full else SMALL
    with tempfile.TemporaryDirectory() as directory:
        traces, log = Path(directory) / "traces.jsonl", Path(directory) / "access.log"
        write_otlp(traces, spans // SPANS_A_TRACE)
        alone(write_log, log, lines)
        results = {
            f"{spans:,} spans, slow": ("read_traces", best(of_slow_spans, traces, arguments.rounds)),
            f"{spans:,} spans, failing": ("read_traces", best(of_failing_spans, traces, arguments.rounds)),
            f"a log of {lines:,} lines": ("rollup", best(of_log, log, arguments.rounds)),
        }
    print(report(results))


if __name__ == "__main__":
    main()
