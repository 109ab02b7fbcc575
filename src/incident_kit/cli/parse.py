"""`incident-kit parse`: access logs into one table."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from incident_kit.cli.mistaken_files import explain_mistaken_files
from incident_kit.cli.options import Inputs, LogFormat, Routes, TimeZone
from incident_kit.cli.places import check_apart, check_files
from incident_kit.cli.standard_input import pipes_as_files
from incident_kit.cli.what_was_read import explanation, parsed

UNWRITTEN = "Nothing was written; give -o FILE for the requests, --rejects FILE for the lines that are none."


def parse(
    inputs: Inputs,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where to write: .parquet, .jsonl or .csv."),
    ] = None,
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", metavar="FILE", help="Where to write the lines that are no requests."),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say which format was detected, and show three lines of each kind."),
    ] = False,
) -> None:
    """Read access logs into one table of requests; lines that are none are kept apart."""
    from incident_kit.engines.reading import parse_access_log
    from incident_kit.read.access_log import explain_access_log

    check_files(output, rejects)
    check_apart([output, rejects], [*inputs, routes])
    # Standard input can be read only once; --explain needs it twice.
    with pipes_as_files(inputs) if explain else nullcontext(inputs) as logs, explain_mistaken_files(logs):
        read = parse_access_log(logs, output, rejects, log_format=log_format, routes=routes, tz=tz)
        if explain:
            found = explain_access_log(logs, log_format=log_format, routes=routes, tz=tz)
            typer.echo(explanation(found, read.notes))
    typer.echo(parsed(read), err=True)
    if not (output or rejects or explain):
        typer.echo(UNWRITTEN, err=True)
