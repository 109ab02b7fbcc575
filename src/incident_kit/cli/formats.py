"""`incident-kit formats`: what access logs can be read."""

from __future__ import annotations

import typer


def formats() -> None:
    """List the access log formats, each with an example line."""
    from incident_kit.read.parsing.registry import all_formats

    for known in sorted(all_formats(), key=lambda row: row.name):
        typer.echo(f"{known.name}\n    {known.description}")
        for sample in known.samples[:1]:
            typer.echo(f"    {sample.line}")
