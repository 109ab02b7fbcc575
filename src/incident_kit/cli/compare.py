"""`incident-kit compare`: a release gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from incident_kit.cli.exit_codes import GATE_FAILED
from incident_kit.cli.mistaken import told_apart
from incident_kit.cli.options import LogFormat, Routes, TargetsFile, TimeZone

if TYPE_CHECKING:
    from incident_kit.diagnosis.compare import Comparison

MOST_REGRESSIONS = 10
"""Regressions whose numbers are printed; `--json` has them all."""


def compare(
    before: Annotated[
        str, typer.Argument(metavar="BEFORE", help="The access log, or rollup, to compare with.")
    ],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The access log, or rollup, to judge.")],
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    targets: TargetsFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say whether anything got worse from one log to the other; exit with 1 when it did."""
    from incident_kit.diagnosis.compare import compare as judge
    from incident_kit.engines.evidence import gather
    from incident_kit.slo import load_targets

    promised = load_targets(targets)
    with told_apart([before, after]):
        old, new = (
            gather(path, log_format=log_format, routes=routes, tz=tz, targets=promised).requests
            for path in (before, after)
        )
    found = judge(old, new, targets=promised)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join([str(found), *_in_numbers(found)]))
    if found.regressions.height:
        raise typer.Exit(GATE_FAILED)


def _in_numbers(found: Comparison) -> Iterator[str]:
    """Say from what to what the worst of the regressions went."""
    from incident_kit.diagnosis.target_words import changes_in_words
    from incident_kit.inert import for_terminal

    for row in changes_in_words(found.regressions[:MOST_REGRESSIONS]).iter_rows(named=True):
        change = f"from {row['before']} to {row['after']}, by {row['change']} ({row['between']})"
        yield for_terminal(f"{row['what']}, {row['where']}: {change}")
