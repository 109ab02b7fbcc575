"""`incident-kit diagnose`: when the incident began, what caused it, whether the targets were met."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from incident_kit import inert
from incident_kit.cli.exit_codes import GATE_FAILED
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
from incident_kit.cli.standard_input import pipes_as_files
from incident_kit.cli.terminal import say
from incident_kit.errors import ParameterError


def diagnose(
    inputs: OptionalInputs = None,
    traces: TracePaths = None,
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    incident: IncidentWindow = None,
    baseline: BaselineWindow = None,
    event: Events = None,
    targets: TargetsFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="Print lines to paste into a chat.")
    ] = False,
    fail_on: Annotated[
        Literal["breach"] | None, typer.Option(help="Exit with 1 when a target is breached.")
    ] = None,
) -> None:
    """Say when the incident began, which endpoint and which dependency it came from."""
    from incident_kit.diagnosis.diagnose import diagnose as find
    from incident_kit.engines.evidence import gather
    from incident_kit.slo import load_targets
    from incident_kit.window import Window

    if as_json and as_markdown:
        raise ParameterError("--json and --markdown are two ways to print the same; give one of them.")
    objectives = load_targets(targets)
    # A document of traces is looked at before it is read.
    with pipes_as_files(traces or []) as documents, explain_mistaken_files(inputs or [], documents):
        evidence = gather(
            inputs or [], documents, log_format=log_format, routes=routes, tz=tz, targets=objectives
        )
    found = find(
        evidence.requests,
        evidence.spans,
        rejected=evidence.rejected,
        notes=evidence.warnings,
        targets=objectives,
        incident=Window.parse(incident) if incident else None,
        baseline=Window.parse(baseline) if baseline else None,
        events=event or [],
    )
    if as_json:
        typer.echo(inert.as_json(found.to_dict()))
    elif as_markdown:
        typer.echo(found.to_markdown())
    else:
        say(str(found))
    if fail_on == "breach" and "breached" in found.verdicts["verdict"].to_list():
        raise typer.Exit(GATE_FAILED)
