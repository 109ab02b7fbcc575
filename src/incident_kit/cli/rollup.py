"""`incident-kit rollup`: a log larger than memory into small tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident_kit.cli.options import Inputs, LogFormat, Routes, TargetsFile, TimeZone


def rollup(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write.")],
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    targets: TargetsFile = None,
) -> None:
    """Count requests and latencies over time, streaming; `diagnose` and `report` read the result."""
    from incident_kit.engines.local import rollup as roll_up
    from incident_kit.engines.rollup_file import write_rollup
    from incident_kit.slo import load_targets

    promised = load_targets(targets)
    table = roll_up(inputs, log_format=log_format, routes=routes, tz=tz, targets=promised)
    write_rollup(table, output)
    typer.echo(repr(table), err=True)
