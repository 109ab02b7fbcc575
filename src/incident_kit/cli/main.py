"""The command line: one module for each command, and one place for exit codes.

0: done and targets met, or no gate asked; 1: a gate failed; 2: bad usage or input that cannot be read.
"""

from __future__ import annotations

import atexit
import gc
import sys
import traceback
from typing import Annotated

import typer

from incident_kit.cli.alerts import alerts
from incident_kit.cli.compare import compare
from incident_kit.cli.diagnose import diagnose
from incident_kit.cli.exit_codes import UNUSABLE
from incident_kit.cli.formats import formats
from incident_kit.cli.notebooks import lab, notebooks
from incident_kit.cli.parse import parse
from incident_kit.cli.report import report
from incident_kit.cli.rollup import rollup
from incident_kit.errors import IncidentKitError, reason
from incident_kit.inert import escape_controls, for_terminal
from incident_kit.sensitive import mask_secrets

OBJECTS_MADE = 50_000
"""The garbage collector runs after so many new objects; the default 700 is reached every few imports."""

app = typer.Typer(
    name="incident-kit",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (diagnose, report, compare, alerts, parse, rollup, formats, lab):
    app.command()(command)
app.add_typer(notebooks)


def _say_version(wanted: bool) -> None:
    if wanted:
        from incident_kit.reports.notebooks.bundle import kit_version

        typer.echo(f"incident-kit {kit_version()}")
        raise typer.Exit


@app.callback()
def shared(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Find when an API went bad, which endpoint and which dependency it came from."""


def main() -> None:
    """Run the command line; input that cannot be used is one sentence on standard error and exit code 2."""
    _seldom_look_for_cycles()
    try:
        app(prog_name="incident-kit")
    except IncidentKitError as error:
        _stop(str(error))
    except OSError as error:
        if error.filename is None:  # while a file was read or written: a disk that is full, or broken
            _stop(f"What is read or written cannot be used: {reason(error)}; check the disks.")
        _stop(f"{error.filename} cannot be used: {reason(error)}; check the path and who may use it.")
    except Exception:  # noqa: BLE001  whatever went wrong here, no gate failed
        typer.echo(escape_controls(mask_secrets(traceback.format_exc()), keep="\n"), err=True, nl=False)
        _stop("This is a fault of the kit itself; please report it with the lines above.")


def _seldom_look_for_cycles() -> None:
    """Run the garbage collector rarely: the process is short-lived, and starts a tenth of a second sooner."""
    gc.set_threshold(OBJECTS_MADE)
    atexit.register(gc.freeze)


def _stop(sentence: str) -> None:
    typer.echo(f"incident-kit: {for_terminal(sentence)}", err=True)
    sys.exit(UNUSABLE)
