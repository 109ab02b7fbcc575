"""`incident-kit alerts`: the targets as alert rules, and when those would have fired on a log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from incident_kit.cli.mistaken_files import explain_mistaken_files
from incident_kit.cli.options import LogFormat, OptionalInputs, Routes, TargetsFile, TimeZone
from incident_kit.cli.places import check_apart, check_files
from incident_kit.errors import ParameterError

if TYPE_CHECKING:
    import polars as pl

    from incident_kit.measure.rollups.rollup import Rollup
    from incident_kit.slo import Targets


def alerts(
    inputs: OptionalInputs = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write the rules, as YAML.")
    ] = None,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="Say which alerts would have fired on the log, and when.")
    ] = False,
    openslo: Annotated[
        str | None, typer.Option("--openslo", metavar="SERVICE", help="Write OpenSLO documents instead.")
    ] = None,
    log_format: LogFormat = None,
    routes: Routes = None,
    tz: TimeZone = "UTC",
    targets: TargetsFile = None,
) -> None:
    """Write the targets as burn-rate alerts for Prometheus; with --backtest, try them on a log."""
    import yaml

    from incident_kit.engines.whole_file import whole_file
    from incident_kit.reports.alert_rules import openslo as openslo_documents
    from incident_kit.reports.alert_rules import prometheus_rules
    from incident_kit.slo import load_targets

    _check_goes_together(inputs, output, backtest, openslo)
    check_files(output)
    check_apart([output], [*(inputs or []), routes, targets])
    objectives = load_targets(targets)
    documents = openslo_documents(objectives, openslo) if openslo else [prometheus_rules(objectives)]
    text = yaml.safe_dump_all(documents, sort_keys=False)
    if output is not None:
        with whole_file(output) as place:
            place.write_text(text, encoding="utf-8")
    elif not backtest:
        typer.echo(text)
    if backtest:
        from incident_kit.engines.evidence import gather

        with explain_mistaken_files(inputs or []):
            read = gather(inputs or [], log_format=log_format, routes=routes, tz=tz, targets=objectives)
        _say_fired(read.requests, objectives)


def _check_goes_together(
    inputs: list[str] | None, output: Path | None, backtest: bool, openslo: str | None
) -> None:
    if inputs and not backtest:
        raise ParameterError(
            f"{inputs[0]} would not be read, since rules come from the targets alone; add --backtest to try "
            "them on it, or leave it away."
        )
    if backtest and not inputs:
        raise ParameterError("There is nothing to try the alerts on; give access logs, or rollups.")
    if openslo and backtest and output is None:
        raise ParameterError("--openslo writes documents; add -o FILE, or leave --backtest away.")


def _say_fired(requests: pl.DataFrame | Rollup | None, targets: Targets) -> None:
    from incident_kit.diagnosis.alerts import fired_alerts, outages
    from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
    from incident_kit.reports.prose.impact import NO_REQUEST_IS_BAD, REACHES_BACK, reach_back
    from incident_kit.wording import NEVER_ARRIVED, clock, count, stretch

    rollup = requests if isinstance(requests, Rollup) else rollup_requests(requests, targets=targets)
    fired = fired_alerts(rollup, targets)
    for row in fired.iter_rows(named=True):
        when = f"{clock(row['start'])} to {clock(row['end'])}"
        fast = f"the budget burning up to {row['peak_burn']:.1f} times as fast as allowed"
        typer.echo(f"{row['severity']}: {row['indicator']}, {row['alert']}, {when}, {fast}")
    if fired.is_empty():
        typer.echo("No alert would have fired.")
    if reach_back(fired, rollup.meta.first):
        typer.echo(REACHES_BACK)
    for outage in outages(rollup, targets):
        when = stretch(outage.start, outage.end or outage.start)
        typer.echo(f"{when}: {count(outage.bad, 'request')} {NEVER_ARRIVED}. {NO_REQUEST_IS_BAD}")
