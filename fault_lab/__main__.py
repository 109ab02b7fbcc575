"""The lab's command line: `python -m fault_lab --help`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from fault_lab.errors import LabError
from fault_lab.lab import Outcome, run
from fault_lab.plan import Plan
from fault_lab.scenarios.registry import SCENARIOS
from fault_lab.smoke import smoke
from fault_lab.tools import install_tools

# The three that stand in sample_data, at the rate and the sampling with which they stay under 12 MB.
SAMPLES = ("slow-database", "bad-release", "healthy")
SAMPLE_PLAN = Plan(seconds=900, rate=40, seed=1, sampling=0.25)


def parser() -> argparse.ArgumentParser:
    """Describe the commands and their options."""
    root = argparse.ArgumentParser(prog="python -m fault_lab", description="Make incidents, for real.")
    root.add_argument("--install", action="store_true", help="install nginx and PostgreSQL if missing (root)")
    commands = root.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="record one scenario")
    one.add_argument("scenario", choices=sorted(SCENARIOS))
    one.add_argument("--seconds", type=float, default=SAMPLE_PLAN.seconds, help="length of the recording")
    one.add_argument("--rate", type=float, default=SAMPLE_PLAN.rate, help="mean requests a second")
    one.add_argument("--seed", type=int, default=SAMPLE_PLAN.seed)
    one.add_argument("--strength", type=float, default=1.0, help="of the fault; less is weaker")
    one.add_argument("--sampling", type=float, default=1.0, help="share of traces kept")
    one.add_argument("--output", type=Path, required=True, help="directory for the three files")
    samples = commands.add_parser("samples", help="record the three sample scenarios (45 minutes)")
    samples.add_argument("--output", type=Path, required=True, help="each scenario gets a directory in it")
    commands.add_parser("smoke", help="one minute: record, and hold the three files against each other")
    return root


def told(name: str, outcome: Outcome) -> str:
    """One line about a recording."""
    answers = ", ".join(f"{count} {what}" for what, count in sorted(outcome.outcomes.items()))
    return (
        f"{name}: {outcome.arrivals} arrivals, {outcome.log_lines} lines, {outcome.spans} spans ({answers})"
    )


async def execute(options: argparse.Namespace) -> None:
    """Carry out one command; SIGTERM ends it as Ctrl-C does, in order."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    if options.command == "run":
        plan = Plan(options.seconds, options.rate, options.seed, options.strength, options.sampling)
        print(told(options.scenario, await run(SCENARIOS[options.scenario], plan, options.output)))
    elif options.command == "samples":
        for name in SAMPLES:
            print(told(name, await run(SCENARIOS[name], SAMPLE_PLAN, options.output / name)), flush=True)
    else:
        print(told("smoke", await smoke()))


def main() -> int:
    """Exit code 0: recorded; 1: not consistent, or a part did not start; 130: interrupted."""
    options = parser().parse_args()
    code = 0
    try:
        if options.install:
            install_tools()
        asyncio.run(execute(options))
    # A fault that fails beside the load arrives in a group.
    except* LabError as group:
        print(f"fault_lab: {group.exceptions[0]}", file=sys.stderr)
        code = 1
    except* (KeyboardInterrupt, asyncio.CancelledError):
        print("fault_lab: interrupted; every process has been ended.", file=sys.stderr)
        code = 130
    return code


if __name__ == "__main__":
    sys.exit(main())
