"""`incident-kit report`: notebooks run by papermill and exported as HTML that works offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from incident_kit.cli.mistaken_files import explain_mistaken_files
from incident_kit.cli.options import (
    BaselineWindow,
    Events,
    IncidentWindow,
    LogFormat,
    OptionalInputs,
    Routes,
    TargetsFile,
    TimeZone,
    TracePaths,
)
from incident_kit.cli.places import check_folder
from incident_kit.cli.standard_input import pipes_as_files
from incident_kit.errors import ParameterError
from incident_kit.inert import for_terminal


def report(
    output: Annotated[
        str,
        typer.Option("-o", "--output", metavar="DIR", help="Where to write: a folder or an s3:// address."),
    ],
    inputs: OptionalInputs = None,
    traces: TracePaths = None,
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    incident: IncidentWindow = None,
    baseline: BaselineWindow = None,
    event: Events = None,
    targets: TargetsFile = None,
    notebook: Annotated[
        list[str] | None,
        typer.Option("--notebook", metavar="NAME", help="Which notebook; give the option once for each."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Run every notebook.")] = False,
    display_tz: Annotated[
        str, typer.Option("--display-tz", metavar="ZONE", help="The zone in which pages show times.")
    ] = "UTC",
    sample: Annotated[bool, typer.Option("--sample", help="Report on a sample incident.")] = False,
) -> None:
    """Run notebooks on your data and write HTML that opens offline."""
    from incident_kit.reports.notebooks.parameter_check import parameters_of
    from incident_kit.reports.pages.upload import is_address
    from incident_kit.reports.run import report as write
    from incident_kit.slo import load_targets

    if sample == bool(inputs or traces):
        raise ParameterError(
            "Give access logs or --traces, or --sample for a sample incident; one of the two."
        )
    for name in notebook or []:
        if not name.endswith(".ipynb"):
            parameters_of(name)
    if not is_address(output):
        check_folder(Path(output))
    objectives: dict[str, Any] = {} if targets is None else load_targets(targets).as_dict()
    # Notebooks run in other processes, and each reads everything.
    with (
        pipes_as_files(inputs or []) as logs,
        pipes_as_files(traces or []) as documents,
        explain_mistaken_files(logs, documents),
    ):
        written = write(
            logs,
            traces=documents or None,
            output=output,
            notebook=notebook,
            every=every,
            log_format=log_format,
            routes=None if routes is None else str(routes),
            tz=tz,
            incident=incident,
            baseline=baseline,
            events=event or None,
            display_tz=display_tz,
            **objectives,
        )
    typer.echo(for_terminal(f"The report is at {written.index}"))
