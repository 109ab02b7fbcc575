"""How often healthy traffic is called an incident: simulated days, as rollups, through `find_incidents`.

    python -m benchmarks.accuracy.healthy_days --days 1000 --weeks 100

No fault is in a simulated day, so every incident found is false; logs with a planted one show that silence
proves something.
"""

from __future__ import annotations

from collections import Counter

from benchmarks.accuracy.simulated_days import healthy_days
from benchmarks.command_line import command_line
from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.slo import Targets

CONTROLS = 40
"""Logs with a planted incident: a detector that finds nothing has no false alarms either."""

WEEK = 7


def false_incidents(logs: int, days: int, first_seed: int = 0) -> list[tuple[int, str, float]]:
    """Return seed, kind and length in seconds of every incident found in that many logs of healthy days."""
    return [
        (seed, incident.kind, incident.recovery_s)
        for seed in range(first_seed, first_seed + logs)
        for incident in find_incidents(healthy_days(seed, days), Targets())
    ]


def report(noun: str, logs: int, days: int, first_seed: int) -> None:
    """Print the false incidents of logs of so many days, and in how many of them a planted one is found."""
    found = false_incidents(logs, days, first_seed)
    kinds = Counter(kind for _, kind, _ in found)
    print(f"healthy {noun}s: {logs}; false incidents: {len(found)} {dict(kinds) or ''}")
    for seed, kind, length in found:
        print(f"  seed {seed}: {kind}, {length:.0f} s")
    seeds = range(first_seed, first_seed + min(CONTROLS, logs))
    seen = sum(bool(find_incidents(healthy_days(seed, days, planted=0.2), Targets())) for seed in seeds)
    print(f"control: {seen} of {len(seeds)} {noun}s with ten minutes of 20 % errors have an incident")


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--days", type=int, default=1000, help="healthy days to simulate, a log each")
    parser.add_argument("--weeks", type=int, default=100, help="healthy weeks to simulate, a log each")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first log")
    given = parser.parse_args()
    report("day", given.days, 1, given.first_seed)
    report("week", given.weeks, WEEK, given.first_seed)


if __name__ == "__main__":
    main()
