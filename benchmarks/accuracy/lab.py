"""The fault lab's scenarios, each with several seeds and strengths: are kind, onset and names right?

    python -m benchmarks.accuracy.lab --record   # make the recordings that are missing; about an hour
    python -m benchmarks.accuracy.lab            # score what was recorded

Recordings are kept outside the repository, in INCIDENT_KIT_RECORDINGS or the user's cache, and are scored
again without running again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import incident_kit as ik
from benchmarks.command_line import command_line
from fault_lab.scenarios.registry import SCENARIOS
from incident_kit.window import parse_instant

RECORDINGS = Path(os.environ.get("INCIDENT_KIT_RECORDINGS", Path.home() / ".cache/incident_kit/recordings"))
SECONDS, RATE = 180, 40
RUNS = ((1, 1.0), (2, 0.7), (3, 0.5))
"""Seeds, and how strong the fault is with each."""
AT_ONCE = 2
CLOSE = timedelta(seconds=30)
INDICATORS = {"errors": "error_rate", "latency": "latency", "traffic": "latency", "outage": "availability"}
"""Which target a kind of incident breaches."""
NOT_ENOUGH, FROM_TRACES = "not enough data", "in a finding"


@dataclass(frozen=True)
class Recording:
    """One run of one scenario."""

    scenario: str
    seed: int
    strength: float

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return RECORDINGS / f"{self.scenario}-{self.seed}-{self.strength:g}"

    def record(self) -> None:
        """Make it, unless it is there."""
        if (self.folder / "truth.json").exists():
            return
        options = {"--seconds": SECONDS, "--rate": RATE, "--seed": self.seed, "--strength": self.strength}
        words = [str(word) for option in options.items() for word in option]
        command = [sys.executable, "-m", "fault_lab", "run", self.scenario, *words, "--output", self.folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def score(self) -> dict[str, Any]:
        """Diagnose it and say what was right; null where there is nothing to be right about."""
        truth = json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))
        log = ik.read_access_log(self.folder / "access.log.gz")
        traces = ik.read_traces(self.folder / "traces.jsonl.gz")
        found = ik.diagnose(log.requests, traces.spans).to_dict()
        return {"scenario": self.scenario, "strength": self.strength, **judged(truth, found)}


def judged(truth: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Compare what was found with the truth."""
    found = document["incidents"]
    if truth["kind"] == "none":
        return {"kind": not found, "stated": any(_stated(incident) for incident in found)}
    if not found:
        return _unfound(truth, document)
    incident = max(found, key=lambda one: one["excess"])
    first, names = incident["endpoints"][0], [row["name"] for row in incident["dependencies"]]
    endpoint, stated = truth["endpoint"], _stated(incident)
    return {
        "kind": incident["kind"] == truth["kind"],
        "onset": abs(parse_instant(incident["start"]) - parse_instant(truth["start"])) <= CLOSE,
        "endpoint": None if endpoint is None else endpoint == {name: first[name] for name in endpoint},
        "dependency": None if truth["dependency"] is None else names[0] == truth["dependency"],
        "stated": stated is not None,
        "wrong": stated is not None and stated != truth["dependency"],
    }


def _unfound(truth: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return what is right where no incident was found: a miss, unless the log does not breach the target.

    A fault that the log does not show may be in the traces; then a finding names who failed.
    """
    verdicts = {row["target"]: row for row in document["verdicts"]}
    missed = verdicts[INDICATORS[truth["kind"]]]["verdict"] == "breached"
    if missed:
        return dict.fromkeys(("kind", "onset", "endpoint", "dependency", "stated"), False)
    hidden = [row["claim"] for row in document["findings"] if row["id"] == "hidden-failures"]
    named = any(claim.startswith(f"{truth['dependency']} ") for claim in hidden)
    return {"kind": NOT_ENOUGH, "dependency": FROM_TRACES if named else False, "stated": False}


def _stated(incident: dict[str, Any]) -> str | None:
    return next((row["name"] for row in incident["dependencies"] if row["stated"]), None)


def table(scores: list[dict[str, Any]]) -> str:
    """Return the scores as a Markdown table."""
    signs = {True: "yes", False: "no", None: ""}
    columns = ("kind", "onset", "endpoint", "dependency", "stated", "wrong")
    rows = [
        "| scenario | strength | kind | onset | endpoint | dependency | stated | wrongly |",
        "|---|--:|" + "---|" * 6,
    ]
    for score in scores:
        cells = [signs.get(score.get(column), score.get(column)) for column in columns]
        rows.append(f"| {score['scenario']} | {score['strength']:g} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--record", action="store_true", help="make the recordings that are missing")
    wanted = [Recording(name, seed, strength) for seed, strength in RUNS for name in sorted(SCENARIOS)]
    if parser.parse_args().record:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(Recording.record, wanted))
    there = [recording for recording in wanted if (recording.folder / "truth.json").exists()]
    print(
        table([recording.score() for recording in there]) if there else "not run: no recordings; use --record"
    )
    if len(there) < len(wanted):
        print(f"\nnot run: {len(wanted) - len(there)} of {len(wanted)} recordings are missing; use --record")


if __name__ == "__main__":
    main()
