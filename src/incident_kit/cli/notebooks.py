"""`incident-kit notebooks` and `incident-kit lab`: list, copy and open the notebooks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from incident_kit.cli.places import check_folder
from incident_kit.inert import for_terminal

Replace = Annotated[bool, typer.Option("--replace", help="Replace notebooks that are there already.")]

notebooks = typer.Typer(name="notebooks", help="List the notebooks, or copy them.", no_args_is_help=False)


@notebooks.callback(invoke_without_command=True)
def listing(context: typer.Context) -> None:
    """List the notebooks and the question that each answers."""
    from incident_kit.reports.notebooks.parameters import NOTEBOOKS

    if context.invoked_subcommand is None:
        for name, parameters in NOTEBOOKS.items():
            typer.echo(f"{name:20} {parameters.question}")


@notebooks.command()
def copy(directory: Annotated[Path, typer.Argument(metavar="DIR")], replace: Replace = False) -> None:
    """Copy the notebooks into a folder, to be edited there."""
    from incident_kit.reports.notebooks.notebook_set import copy_notebooks

    check_folder(directory)
    for path in copy_notebooks(directory, replace=replace):
        typer.echo(for_terminal(str(path)))


def lab(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where your copies are or shall be.")
    ] = Path("incident-notebooks"),
    options: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- OPTION...]", help="What JupyterLab shall be told, such as --port 9000."),
    ] = None,
) -> None:
    """Open JupyterLab on a set of notebooks of your own; they are copied there first."""
    from incident_kit.reports.notebooks.notebook_set import copy_notebooks

    check_folder(directory)
    if not any(directory.glob("*.ipynb")):
        copy_notebooks(directory)
    command = [sys.executable, "-m", "jupyterlab", str(directory.resolve()), *(options or [])]
    raise typer.Exit(subprocess.call(command))  # noqa: S603
