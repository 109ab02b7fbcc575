"""`incident-kit rollup`: a log larger than memory into small tables."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from incident_kit.cli.mistaken_files import explain_mistaken_files
from incident_kit.cli.options import Inputs, LogFormat, Routes, TargetsFile, TimeZone
from incident_kit.cli.places import check_apart, check_files
from incident_kit.cli.what_was_read import rolled_up
from incident_kit.errors import ParameterError

if TYPE_CHECKING:
    from incident_kit.measure.rollups.rollup import Rollup


def rollup(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write.")],
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    targets: TargetsFile = None,
    engine: Annotated[
        Literal["local", "dask"], typer.Option(help="Where to read and count: here, or on a Dask cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="A Dask scheduler; without one, a process is started for each core."
        ),
    ] = None,
) -> None:
    """Count requests and latencies over time, streaming; `diagnose` and `report` read the result.

    Given rollups, it adds them up: of hours, of days, of hosts.
    """
    from incident_kit.engines import dask, reading
    from incident_kit.engines.rollup_file import are_rollups, write_rollup
    from incident_kit.slo import load_targets

    if scheduler is not None and engine != "dask":
        raise ParameterError("--scheduler is of the engine dask; add --engine dask.")
    check_files(output)
    roll_up = reading.rollup if engine == "local" else partial(dask.rollup, scheduler=scheduler)
    objectives = load_targets(targets)
    with explain_mistaken_files(inputs):
        if are_rollups(inputs):
            table = _added_up(inputs, None if targets is None else objectives.latency_ms)
        else:
            check_apart([output], [*inputs, routes, targets])
            table = roll_up(inputs, log_format=log_format, routes=routes, tz=tz, targets=objectives)
    write_rollup(table, output)
    typer.echo(rolled_up(table.meta, output), err=True)


def _added_up(inputs: list[str], latency_ms: float | None) -> Rollup:
    """Merge rollups; their latency threshold was fixed when they were made and cannot be changed here."""
    from incident_kit.engines.rollup_file import read_rollup

    table = read_rollup(inputs)
    if latency_ms not in (None, table.meta.latency_ms):
        raise ParameterError(
            f"The rollups counted requests above {table.meta.latency_ms:g} ms as slow, and the targets say "
            f"{latency_ms:g} ms; roll the logs up again with these targets."
        )
    return table
