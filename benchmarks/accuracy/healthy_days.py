"""How often healthy traffic is called an incident: simulated days, as rollups, through `find_incidents`.

    python -m benchmarks.accuracy.healthy_days --days 1000

No fault is in a simulated day, so every incident found is false; days with a planted one show that silence
proves something.
"""

from __future__ import annotations

from collections import Counter

from benchmarks.accuracy.simulated_days import healthy_day
from benchmarks.command_line import command_line
from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.slo import Targets

CONTROLS = 40
"""Days with a planted incident: a detector that finds nothing has no false alarms either."""


def false_incidents(days: int, first_seed: int = 0) -> list[tuple[int, str, float]]:
    """Return seed, kind and length in seconds of every incident found in that many healthy days."""
    return [
        (seed, incident.kind, incident.recovery_s)
        for seed in range(first_seed, first_seed + days)
        for incident in find_incidents(healthy_day(seed), Targets())
    ]


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--days", type=int, default=1000, help="healthy days to simulate")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first day")
    given = parser.parse_args()
    found = false_incidents(given.days, given.first_seed)
    kinds = Counter(kind for _, kind, _ in found)
    print(f"healthy days: {given.days}; false incidents: {len(found)} {dict(kinds) or ''}")
    for seed, kind, length in found:
        print(f"  seed {seed}: {kind}, {length:.0f} s")
    seeds = range(given.first_seed, given.first_seed + CONTROLS)
    seen = sum(bool(find_incidents(healthy_day(seed, planted=0.2), Targets())) for seed in seeds)
    print(f"control: {seen} of {CONTROLS} days with ten minutes of 20 % errors have an incident")


if __name__ == "__main__":
    main()
