"""Every measure of accuracy, one after the other, written as `docs/accuracy.md`.

    python -m benchmarks.accuracy            # score what is there; about a quarter of an hour
    python -m benchmarks.accuracy --record   # make the lab's missing recordings first; about an hour more

Each can be run alone, with options of its own (`--help`): lab, nezha, simulated_faults, held_out,
healthy_days and calibration, as `python -m benchmarks.accuracy.lab`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.command_line import command_line

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
HEAD = """\
# Accuracy

How often the kit is right, on faults that were really injected and on traffic in which nothing is wrong.
This page is written by `make accuracy`; data that was not there is said so.
"""


class Measure(NamedTuple):
    """A section of the page: its heading, what it is, and the module that prints it."""

    heading: str
    about: str
    module: str
    arguments: tuple[str, ...] = ()


MEASURES = (
    Measure(
        "The fault lab",
        "Each scenario with three seeds and strengths: right kind, onset within 30 seconds, the endpoint and "
        "the dependency of the truth first; and whether a name was stated, and wrongly. *Not enough data*: "
        "no incident was found, and the log as a whole does not breach the target either; *in a finding*: "
        "the traces name the dependency for all that, as failures that requests hardly show.",
        "lab",
    ),
    Measure(
        "Injected faults of two public systems",
        "50 faults of the Nezha data set (FSE 2023), from traces alone, without kind and status. AS@k is the "
        "share of faults whose service is among the first k; *right* counts the stated ones that are.",
        "nezha",
    ),
    Measure(
        "Random systems",
        "Simulated call graphs with one fault, two, and none. The method was shaped while looking at systems "
        "of the same generator, so these figures are no held-out ones.",
        "simulated_faults",
    ),
    Measure(
        "Held-out systems",
        "Other systems, faults and dialects of spans than those the method was shaped on: deep chains, wide "
        "fan-outs, messages, sidecars and retries, a shared database, services that are seldom called, many "
        "that record only what they serve, caches and stores side by side. "
        "Structural mistakes that they showed were repaired; the cases looked at for that are not counted. "
        "AS@3 counts one cause among the first three, *all* every cause.",
        "held_out",
    ),
    Measure(
        "Healthy days",
        "Simulated days and weeks with cycles, bursts, heavy tails and nightly jobs, as rollups: every "
        "incident found is false.",
        "healthy_days",
        ("--days", "1000", "--weeks", "100"),
    ),
    Measure(
        "Calibration",
        "How many of the intervals that say 95 % contain the truth, with the windows given.",
        "calibration",
        ("--replicates", "2000"),
    ),
)


def printed(measure: Measure, extra: tuple[str, ...]) -> str:
    """Return what a measure prints, as it is where it is a table, else as a block."""
    command = [sys.executable, "-m", f"benchmarks.accuracy.{measure.module}", *measure.arguments, *extra]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"not run: {done.stderr.strip().splitlines()[-1]}"
    said = done.stdout.strip()
    return said if said.startswith(("|", "one cause", "not run")) else f"```text\n{said}\n```"


def section(measure: Measure, extra: tuple[str, ...]) -> str:
    """Return a measure's section of the page."""
    command = " ".join(["python -m", f"benchmarks.accuracy.{measure.module}", *measure.arguments])
    return f"## {measure.heading}\n\n{measure.about} `{command}`\n\n{printed(measure, extra)}\n"


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--record", action="store_true", help="make the lab's missing recordings first")
    record = ("--record",) if parser.parse_args().record else ()
    parts = [section(measure, record if measure.module == "lab" else ()) for measure in MEASURES]
    PAGE.write_text("\n".join([HEAD, *parts]), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
