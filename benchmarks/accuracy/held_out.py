"""Which service is at fault in systems that the method was not shaped on: one fault, two at once, and none.

    python -m benchmarks.accuracy.held_out --seeds 3

For one case in two the baseline lies after the incident. Of two faults each has a kind and a size of its own;
both should be among the first three. `right`: whoever is stated is at fault. Whatever is named where there is
no fault is false.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import polars as pl

from benchmarks.accuracy.held_out_systems import SYSTEMS, Held, held_out_system
from benchmarks.accuracy.held_out_traces import KINDS, TRACE_EVERY_MS, Fault, Run
from benchmarks.accuracy.simulated_traces import EPOCH
from benchmarks.command_line import command_line
from incident_kit.diagnosis.causes.dependencies import rank_dependencies
from incident_kit.window import Window

DELAYS, SLOWER = (0.2, 0.5, 2.0), (2.0, 4.0, 8.0)
"""Delays as parts of the median request, at least 3 ms; how much slower work is without CPU."""

FIRST_SEED = 30
"""Cases below were looked at while the method was repaired; they are not counted."""

MIN_TRACES = 10
"""Who is in fewer traces of the baseline is not put at fault: nobody could tell."""

NEVER_CALLED = {"abort", "abort-some", "killed", "ingress"}
"""Kinds that need a caller."""

OF_CALLS = {"abort", "abort-some", "ingress", "egress"}
"""Kinds that act on calls and their answers, not on messages."""


def windows(held: Held, *, baseline_after: bool) -> tuple[Window, Window]:
    """Return baseline and incident."""
    length = timedelta(milliseconds=held.traces * TRACE_EVERY_MS)
    first, second = Window(EPOCH, EPOCH + length), Window(EPOCH + length, EPOCH + 2 * length)
    return (second, first) if baseline_after else (first, second)


def fault(draw: Random, held: Held, kind: str, baseline: pl.DataFrame, taken: set[str]) -> Fault | None:
    """Return a fault of this kind somewhere where it has an effect; None where it can have none."""
    spans = baseline.select("trace_id", name="service")
    blind = baseline.select("trace_id", name="peer").filter(pl.col("name").is_in(list(held.blind)))
    traces = pl.concat([spans, blind]).group_by("name").agg(number=pl.col("trace_id").n_unique())
    able = set(traces.filter(pl.col("number") >= MIN_TRACES)["name"]) - taken
    if kind in NEVER_CALLED:
        able -= {entry.service for entry in held.entries}
    if kind in OF_CALLS:
        able -= held.handlers
    if not able:
        return None
    root_ms = float(baseline.filter(pl.col("parent_span_id").is_null())["duration_ms"].median())  # type: ignore
    size = draw.choice(SLOWER) if kind == "cpu" else max(3.0, root_ms * draw.choice(DELAYS))
    return Fault(kind, draw.choice(sorted(able)), size)


def case(place: int, kinds: tuple[str, ...], seed: int) -> dict[str, Any] | None:
    """Return how the ranking did on one case; None where a fault could not be placed."""
    draw, held = Random(seed), held_out_system(place, seed)
    before, during = windows(held, baseline_after=draw.random() < 0.5)
    length_ms = held.traces * TRACE_EVERY_MS
    baseline = Run(held, [], seed).spans(length_ms * (before.start > during.start))
    faults: list[Fault] = []
    for kind in kinds:
        placed = fault(draw, held, kind, baseline, {other.service for other in faults})
        if placed is None:
            return None
        faults.append(placed)
    incident = Run(held, faults, seed + 1).spans(length_ms * (during.start > before.start))
    ranking = rank_dependencies(pl.concat([baseline, incident]), during, before)
    return {"system": held.name, "kind": " + ".join(sorted(kinds))} | judged(ranking, faults)


def judged(ranking: pl.DataFrame, faults: list[Fault]) -> dict[str, Any]:
    """Return the places of the truth, and whether a cause was stated, rightly or not."""
    names, stated = ranking["name"].to_list(), set(ranking.filter("stated")["name"])
    truth = {fault.service for fault in faults}
    places = sorted(names.index(name) + 1 if name in names else len(names) + 1 for name in truth)
    return {
        "first": bool(places) and places[0] == 1,
        "third": bool(places) and places[0] <= 3,
        "all": bool(places) and places[-1] <= 3,
        "stated": len(stated) > 0,
        "right": len(stated) > 0 and stated <= truth,
    }


def single(seeds: int) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Yield system, kind and seed of the cases with one fault."""
    for place in range(len(SYSTEMS)):
        for number, kind in enumerate(KINDS):
            for seed in range(FIRST_SEED, FIRST_SEED + seeds):
                yield place, (kind,), 100_000 * (place + 1) + 1_000 * number + 37 * seed


def double(seeds: int) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Yield the same with two faults, of kinds drawn at random."""
    for place in range(len(SYSTEMS)):
        for seed in range(FIRST_SEED, FIRST_SEED + 3 * seeds):
            number = 1_000_000 + 100_000 * place + 37 * seed
            yield place, tuple(Random(number).choices(list(KINDS), k=2)), number


def healthy(seeds: int) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Yield the same without a fault."""
    for place in range(len(SYSTEMS)):
        for seed in range(FIRST_SEED, FIRST_SEED + 4 * seeds):
            yield place, (), 2_000_000 + 100_000 * place + 37 * seed


def table(results: list[dict[str, Any]], by: str) -> str:
    """Return a Markdown table; `all` are the cases with every cause among the first three."""
    summed = (
        pl.DataFrame(results)
        .group_by(by, maintain_order=True)
        .agg(
            pl.len(),
            *(pl.col(name).mean() * 100 for name in ("first", "third", "all")),
            pl.col("stated", "right").sum(),
        )
    )
    lines = [f"| {by} | faults | AS@1 | AS@3 | all | stated | right |", "|---|---:|---:|---:|---:|---:|---:|"]
    for name, n, first, third, every, stated, right in summed.iter_rows():
        lines.append(f"| {name} | {n} | {first:.0f} % | {third:.0f} % | {every:.0f} % | {stated} | {right} |")
    return "\n".join(lines)


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="cases a system and kind of fault")
    seeds = parser.parse_args().seeds
    one = [found for given in single(seeds) if (found := case(*given))]
    print(f"one cause\n\n{table(one, 'system')}\n\n{table(one, 'kind')}\n")
    two = [found for given in double(seeds) if (found := case(*given))]
    print(f"two causes\n\n{table(two, 'system')}\n")
    named = [found["stated"] for given in healthy(seeds) if (found := case(*given))]
    print(f"no cause: one was named in {sum(named)} of {len(named)}")


if __name__ == "__main__":
    main()
