"""`incident-kit compare`: a release gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_kit import inert
from incident_kit.cli.exit_codes import GATE_FAILED
from incident_kit.cli.mistaken_files import explain_mistaken_files
from incident_kit.cli.options import LogFormat, Routes, TargetsFile, TimeZone
from incident_kit.cli.places import check_folder
from incident_kit.cli.standard_input import pipes_as_files
from incident_kit.cli.terminal import say

if TYPE_CHECKING:
    from incident_kit.diagnosis.comparison.compare import Comparison

MAX_REGRESSIONS = 10
"""How many regressions are printed with their numbers; `--json` holds all of them."""


def compare(
    before: Annotated[
        str, typer.Argument(metavar="BEFORE", help="The access log, or rollup, to compare with.")
    ],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The access log, or rollup, to judge.")],
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    targets: TargetsFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="DIR", help="Write it as a page as well: a folder or s3://."),
    ] = None,
) -> None:
    """Say whether anything got worse from one log to the other; exit with 1 when it did."""
    from incident_kit.diagnosis.comparison.compare import compare as judge
    from incident_kit.engines.evidence import gather
    from incident_kit.reports.pages.upload import is_address
    from incident_kit.slo import load_targets

    if output is not None and not is_address(output):
        check_folder(Path(output))
    objectives = load_targets(targets)
    how: dict[str, Any] = {
        "log_format": log_format,
        "routes": None if routes is None else str(routes),
        "tz": tz,
    }
    keep = nullcontext([before, after]) if output is None else pipes_as_files([before, after])
    with keep as sides, explain_mistaken_files(sides):
        old, new = (gather(side, targets=objectives, **how).requests for side in sides)
        found = judge(old, new, targets=objectives)
        if output is not None:
            _write_page(sides, output, **how, **objectives.as_dict())
    if as_json:
        typer.echo(inert.as_json(found.to_dict()))
    else:
        say("\n".join([str(found), *_in_numbers(found)]))
    if found.regressions.height:
        raise typer.Exit(GATE_FAILED)


def _write_page(sides: list[str], output: str, **asked: Any) -> None:
    """Run the notebook on the same comparison, and print where its page is."""
    from incident_kit.reports.run import report

    before, after = sides
    written = report(notebook="compare_releases", before=before, after=after, output=output, **asked)
    typer.echo(inert.for_terminal(f"The report is at {written.index}"), err=True)


def _in_numbers(found: Comparison) -> Iterator[str]:
    """Yield one line for each of the worst regressions: its value before and after."""
    from incident_kit.diagnosis.target_words import changes_in_words

    worst = found.regressions[:MAX_REGRESSIONS]
    for row in changes_in_words(worst, found.latency_quantile).iter_rows(named=True):
        change = f"from {row['before']} to {row['after']}, by {row['change']} ({row['between']})"
        yield inert.for_terminal(f"{row['what']}, {row['where']}: {change}")
