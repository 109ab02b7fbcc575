"""Which service is at fault: 50 faults injected into two public systems, from their traces alone.

    python -m benchmarks.accuracy.nezha

The recordings (Nezha, FSE 2023) lie outside the repository, in `benchmarks/nezha` of the folder that
INCIDENT_KIT_BENCHMARK_DATA names (default: ../shared). AS@k is the share of faults whose service is among
the first k. `stated` counts the faults for which a cause was named, `right` those named rightly. Some faults
leave nothing in the spans; there the right answer is to name none. Baselines compared with themselves, one
half against the other, have no fault at all: whatever is named there is false.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.command_line import command_line
from incident_kit.diagnosis.causes.dependencies import rank_dependencies
from incident_kit.read.traces import read_traces
from incident_kit.window import Window

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("INCIDENT_KIT_BENCHMARK_DATA", REPOSITORY.parent / "shared"))
NEZHA = DATA / "benchmarks" / "nezha"

HALVES = 20
"""Random halvings of each baseline; two more take its first half against its second, and the reverse."""


def case_result(case: dict[str, Any]) -> dict[str, Any]:
    """Return the place of the true service in the ranking, and whether a cause was named, rightly or not."""
    baseline, spans = (read_traces(NEZHA / case[name]).spans for name in ("baseline", "spans"))
    ranking = rank_dependencies(pl.concat([baseline, spans]), whole(spans), whole(baseline))
    services = ranking.filter(pl.col("kind") == "service")
    place = services.with_row_index().filter(pl.col("name") == case["service"])["index"].min()
    stated = ranking.filter("stated")["name"].to_list()
    return {
        "system": case["system"],
        "fault": case["fault"],
        "place": services.height + 1 if place is None else int(place) + 1,  # type: ignore[arg-type]
        "stated": len(stated) > 0,
        "right": stated == [case["service"]],
    }


def whole(spans: pl.DataFrame) -> Window:
    """Return the window from the first span's start to the last one's."""
    return Window(spans["start"].min(), spans["start"].max() + timedelta(milliseconds=1))  # type: ignore


def falsely_stated(baseline: pl.DataFrame, seed: int) -> list[bool]:
    """Return, half by half of fault-free spans, whether a cause was named."""
    begins = baseline.group_by("trace_id").agg(pl.col("start").min()).sort("start")["trace_id"]
    order, draw = np.arange(len(begins)), np.random.default_rng(seed)
    firsts = [draw.permutation(order)[: len(order) // 2] for _ in range(HALVES)]
    firsts += [order[: len(order) // 2], order[len(order) // 2 :]]
    return [_named(baseline, begins[half]) for half in firsts]


def _named(baseline: pl.DataFrame, half: pl.Series) -> bool:
    """Return whether a cause is named when this half of the traces is moved to a window of its own."""
    apart = timedelta(days=1)
    moved = pl.when(pl.col("trace_id").is_in(half.to_list())).then(pl.col("start") + apart).otherwise("start")
    usual = whole(baseline)
    during = Window(usual.start + apart, usual.end + apart)
    return bool(rank_dependencies(baseline.with_columns(moved), during, usual)["stated"].any())


def table(results: pl.DataFrame, by: str) -> str:
    """Return a Markdown table of the results by `by`."""
    summed = results.group_by(by, maintain_order=True).agg(
        faults=pl.len(),
        as1=(pl.col("place") <= 1).mean() * 100,
        as3=(pl.col("place") <= 3).mean() * 100,
        stated=pl.col("stated").sum(),
        right=pl.col("right").sum(),
    )
    rows = [
        f"| {name} | {faults} | {as1:.0f} % | {as3:.0f} % | {stated} | {right} |"
        for name, faults, as1, as3, stated, right in summed.iter_rows()
    ]
    head = [f"| {by} | faults | AS@1 | AS@3 | stated | right |", "|---|---:|---:|---:|---:|---:|"]
    return "\n".join(head + rows)


def main() -> int:
    command_line(__doc__).parse_args()
    if not NEZHA.is_dir():
        print(f"not run: no {NEZHA}; set INCIDENT_KIT_BENCHMARK_DATA to the folder that holds benchmarks/")
        return 0
    cases = json.loads((NEZHA / "cases.json").read_text())
    results = pl.DataFrame([case_result(case) for case in cases])
    print(table(results, "system"))
    for (system,), of_system in results.group_by("system", maintain_order=True):
        print(f"\n{system}\n\n{table(of_system.sort('fault'), 'fault')}")
    baselines = sorted({case["baseline"] for case in cases})
    false = [read_traces(NEZHA / path).spans for path in baselines]
    named = [name for seed, spans in enumerate(false) for name in falsely_stated(spans, seed)]
    print(f"\nfault-free halves: a cause was named in {sum(named)} of {len(named)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
