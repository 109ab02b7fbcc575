"""Reading and timing traces against an orjson loop, as ratios within one run; prints a Markdown table.

    python -m benchmarks.traces [--full] [--rounds 3]

The reference is what an engineer would write: a loop over the decoded JSON that fills the same columns. CRISP
(Python, two processes) took 3.8 times as long as such a loop without attributes for 320 thousand Jaeger spans
in 20 thousand files in its light mode, 5.1 times for its full report.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.command_line import command_line
from benchmarks.orjson_loop import orjson_loop
from benchmarks.trace_files import SPANS_A_TRACE, write_jaeger, write_otlp
from incident_kit.measure.spans.critical_path import critical_path
from incident_kit.measure.spans.span_time import span_time
from incident_kit.read.traces import read_traces

# Spans of the OTLP file, spans to be timed, Jaeger files: small for a look, full as the figures are stated.
SMALL, FULL = (48_000, 100_000, 2_000), (480_000, 1_000_000, 20_000)
CRISP_LIGHT = 8.7 / 2.3
"""Seconds of CRISP's light mode to those of the loop without attributes, on one machine."""


def candidates(
    folder: Path, otlp_spans: int, timed_spans: int, files: int
) -> dict[str, Callable[[], object]]:
    """Write the traces, make sure that the loop and the kit read the same, and return what is to be timed."""
    otlp, large, jaeger = (folder / name for name in ("otlp.jsonl", "large.jsonl", "jaeger"))
    write_otlp(otlp, otlp_spans // SPANS_A_TRACE)
    write_otlp(large, timed_spans // SPANS_A_TRACE)
    write_jaeger(jaeger, files)
    spans = read_traces(large).spans
    expected = orjson_loop(otlp, whole=True).drop("attributes")
    assert read_traces(otlp).spans.drop("attributes").equals(expected)
    return {
        "orjson loop, without attributes": lambda: orjson_loop(otlp, whole=False),
        "orjson loop, whole SPANS": lambda: orjson_loop(otlp, whole=True),
        "read_traces, whole SPANS": lambda: read_traces(otlp),
        "span_time": lambda: span_time(spans),
        "Jaeger files to critical path by operation": lambda: critical_path(read_traces(jaeger).spans),
    }


def timed(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the best seconds of each, all of them once a round, so that a busy machine is fair to all."""
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(rounds):
        for name, work in candidates.items():
            started = time.perf_counter()
            work()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes that the figures are stated for")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed; the best counts")
    arguments = parser.parse_args()
    otlp_spans, timed_spans, files = FULL if arguments.full else SMALL
    with tempfile.TemporaryDirectory() as directory:
        seconds = timed(candidates(Path(directory), otlp_spans, timed_spans, files), arguments.rounds)
    report(seconds, otlp_spans, timed_spans, files)


def report(seconds: dict[str, float], otlp_spans: int, timed_spans: int, files: int) -> None:
    bare, whole, read, time_taken, jaeger = seconds.values()
    # Each size is brought to the one that its target is stated for.
    at_size = otlp_spans / FULL[0]
    timing, crisp = time_taken * FULL[1] / timed_spans * at_size, jaeger * FULL[2] / files * at_size
    print("| what | seconds | ratio | target |\n|---|--:|--:|--:|")
    print(f"| {otlp_spans:,} OTLP spans, orjson loop without attributes | {bare:.2f} | | |")
    print(f"| the same, orjson loop that fills SPANS | {whole:.2f} | 1 | |")
    print(f"| the same, read_traces | {read:.2f} | {whole / read:.2f} times as fast | at least 1.5 |")
    print(
        f"| {timed_spans:,} spans, span_time | {time_taken:.2f} | {timing / whole:.2f} of it | at most 0.65 |"
    )
    print(
        f"| {files:,} Jaeger files to critical path by operation | {jaeger:.2f} "
        f"| {CRISP_LIGHT * bare / crisp:.1f} times CRISP's light mode | at least 5 |"
    )


if __name__ == "__main__":
    main()
