"""Which service is at fault: faults simulated in random systems, one cause or two, and none.

    python -m benchmarks.accuracy.simulated_faults --systems 12

No two faults share a system. The method was shaped while looking at systems of the same generator.
Sizes reach from small to large, and a fault may leave nothing to see (a tenth of a rarely called service's
answers, an error that nobody marks): there the right answer is to name none.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import polars as pl

from benchmarks.accuracy.simulated_traces import EPOCH, KINDS, Fault, System, random_system, simulate
from benchmarks.command_line import command_line
from incident_kit.diagnosis.causes.dependencies import rank_dependencies
from incident_kit.window import Window

BASELINE_S, INCIDENT_S, RATE = 80, 120, 1.5
BEFORE = Window(EPOCH, EPOCH + timedelta(seconds=BASELINE_S))
DURING = Window(BEFORE.end, BEFORE.end + timedelta(seconds=INCIDENT_S))

MIN_TRACES = 15
"""A service that the baseline has in fewer traces is not put at fault: nobody could tell."""


def size(kind: str, draw: Random, root_ms: float) -> float:
    """Return how large a fault is: a factor, a share, or milliseconds from a twentieth of a request on."""
    if kind == "cpu":
        return draw.choice([2.0, 3.0, 5.0, 10.0])
    if kind in {"abort", "exception", "early-return", "bad-answer"}:
        return draw.choice([0.1, 0.3, 0.6, 1.0])
    return 1.0 if kind == "killed" else max(2.0, root_ms * draw.choice([0.05, 0.1, 0.3, 1.0]))


def candidates(kind: str, system: System, baseline: pl.DataFrame) -> list[str]:
    """Return the services at which a fault of this kind has an effect that traces could show."""
    names = pl.concat([baseline.select("trace_id", name="service"), baseline.select("trace_id", name="peer")])
    seen = names.drop_nulls().group_by("name").agg(traces=pl.col("trace_id").n_unique())
    able = set(seen.filter(pl.col("traces") >= MIN_TRACES)["name"])
    if kind in {"early-return", "bad-answer", "slow-egress", "exception"}:
        able -= system.blind
    if kind in {"abort", "killed", "slow-ingress"}:
        able.discard("gateway")
    return sorted(able)


def result(kind: str, causes: int, seed: int) -> dict[str, Any] | None:
    """Return how the ranking did on one system; None where no service could be put at fault."""
    draw, system = Random(seed), random_system(seed)
    baseline = simulate(system, BASELINE_S, RATE, seed=seed, offset_s=0)
    root_ms = float(baseline.filter(pl.col("parent_span_id").is_null())["duration_ms"].median())  # type: ignore
    able = [] if kind == "none" else candidates(kind, system, baseline)
    if len(able) < causes:
        return None
    faults = [Fault(kind, name, size(kind, draw, root_ms)) for name in draw.sample(able, causes)]
    during = simulate(system, INCIDENT_S, RATE, faults, seed=seed + 1, offset_s=BASELINE_S)
    ranking = rank_dependencies(pl.concat([baseline, during]), DURING, BEFORE)
    names, stated = ranking["name"].to_list(), ranking.filter("stated")["name"].to_list()
    truth = {fault.service for fault in faults}
    places = sorted(names.index(name) + 1 if name in names else len(names) + 1 for name in truth)
    return {
        "fault": kind,
        "first": bool(places) and places[0] == 1,
        "third": bool(places) and places[0] <= 3,
        "all": bool(places) and places[-1] <= max(causes, 1),
        "stated": len(stated) > 0,
        "right": len(stated) > 0 and set(stated) <= truth,
    }


def table(causes: int, systems: int) -> str:
    """Return a Markdown table by kind of fault; `all first`: the causes stand first, before all others."""
    kinds = ["none"] if causes == 0 else list(KINDS)
    seeds = (
        (kind, 10_000 * (place + 1) + 97 * number)
        for place, kind in enumerate(kinds)
        for number in range(systems)
    )
    results = [found for kind, seed in seeds if (found := result(kind, causes, seed))]
    summed = (
        pl.DataFrame(results)
        .group_by("fault", maintain_order=True)
        .agg(
            pl.len(),
            *(pl.col(name).mean() * 100 for name in ("first", "third", "all")),
            pl.col("stated", "right").sum(),
        )
    )
    rows = [
        f"| {fault} | {n} | {first:.0f} % | {third:.0f} % | {every:.0f} % | {stated} | {right} |"
        for fault, n, first, third, every, stated, right in summed.iter_rows()
    ]
    head = [
        "| fault | systems | AS@1 | AS@3 | all first | stated | right |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join(head + rows)


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--systems", type=int, default=12, help="systems a kind of fault")
    given = parser.parse_args()
    print(f"one cause\n\n{table(1, given.systems)}\n")
    print(f"two causes of one kind\n\n{table(2, given.systems)}\n")
    healthy = [result("none", 0, 200_000 + 97 * number) for number in range(5 * given.systems)]
    print(
        f"no cause: one was named in {sum(found['stated'] for found in healthy if found)} of {len(healthy)}"
    )


if __name__ == "__main__":
    main()
