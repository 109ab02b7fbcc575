"""`incident-kit formats`: the access log formats that can be read."""

from __future__ import annotations

import typer


def formats() -> None:
    """List the access log formats, each with an example line."""
    from incident_kit.read.access_log import formats as known

    for row in sorted(known(), key=lambda row: row.name):
        typer.echo(f"{row.name}\n    {row.description}\n    {row.example}")
