"""The arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="Access logs: files, globs, directories, - for standard input."),
]
OptionalInputs = Annotated[
    list[str] | None,
    typer.Argument(metavar="[INPUT...]", help="Access logs (files, globs, directories, -), or rollups."),
]
TracePaths = Annotated[
    list[str] | None,
    typer.Option("--traces", metavar="T", help="A file of traces; give the option once for each."),
]
LogFormat = Annotated[
    str | None,
    typer.Option(
        "--log-format",
        metavar="F",
        help="A name from `formats`, a server's own string after nginx:, apache:, haproxy:, squid: or "
        "gunicorn:, or what holds what, as in json:timestamp=when,status=code,duration_ms=took * 1000.",
    ),
]
Routes = Annotated[
    Path | None,
    typer.Option("--routes", metavar="FILE", help="Route templates, one a line, or an OpenAPI document."),
]
TimeZone = Annotated[
    str,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="The zone of times that tell none, or tell it by a name that several have.",
    ),
]
IncidentWindow = Annotated[
    str | None,
    typer.Option(
        "--incident",
        metavar="START/END",
        help="Look at this window, in ISO 8601; without offsets, in the zone in which times are shown.",
    ),
]
BaselineWindow = Annotated[
    str | None,
    typer.Option(
        "--baseline", metavar="START/END", help="Compare with this window, written in the same way."
    ),
]
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        metavar="TIME TEXT",
        help="A deploy or change, its time written in the same way, or a CSV of time,text (UTC without "
        "offset); give the option once for each.",
    ),
]
TargetsFile = Annotated[
    Path | None,
    typer.Option("--targets", metavar="FILE", help="Targets other than the defaults, YAML or TOML."),
]
