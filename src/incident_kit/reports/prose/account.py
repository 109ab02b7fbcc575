"""The parts of a postmortem that data can write: timeline, rivals, what went well, actions, sources."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.target_words import in_words
from incident_kit.engines.evidence import Evidence
from incident_kit.measure.calls.error_origin import swallowed_errors
from incident_kit.measure.calls.flag_changes import flag_changes
from incident_kit.measure.calls.releases import releases
from incident_kit.measure.indicators.bad_requests import totals
from incident_kit.reports.notebooks.bundle import kit_version
from incident_kit.reports.prose.chosen import incident_row, is_outage, is_spread, rows_of
from incident_kit.reports.prose.impact import bad_over_time, fired
from incident_kit.reports.prose.incident_phrases import endpoint_name, when
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.schema import TIME_US
from incident_kit.wording import count, rate

LIBRARIES = ("polars", "numpy", "scipy", "matplotlib")
TO_FILL_IN = "…"

SPARED = 0.1
"""Share of the requests: where no more of them stayed good than this, nothing was spared."""


def whole_timeline(found: Diagnosis, incident: int | None, data: Evidence) -> pl.DataFrame:
    """Return the timeline [time, what], with new versions and flags, the peak, and the first alert.

    The alert is the first that would have fired.
    """
    rows = found.timeline.select("time", "what").to_dicts()
    seen = [(one.time, one.name) for one in releases(data.spans)]
    seen += [(one.time, f"{one.name} in {one.service}") for one in flag_changes(data.spans)]
    rows += [{"time": time, "what": f"{name} first seen in the traces"} for time, name in seen]
    if incident is not None:
        rows += _peak(found, incident) + _detection(found, incident)
    return pl.DataFrame(rows, schema={"time": TIME_US, "what": pl.String}).sort("time", maintain_order=True)


def action_items(found: Diagnosis) -> pl.DataFrame:
    """Return the actions that the findings call for, one row each, owner and due date left empty.

    An action that several findings call for is one row with all their claims.
    """
    return (
        found.findings.group_by("priority", "change", "verify", maintain_order=True)
        .agg(pl.col("claim").unique(maintain_order=True).str.join(" "))
        .select(
            "priority",
            action="change",
            because="claim",
            verify="verify",
            owner=pl.lit(TO_FILL_IN),
            due=pl.lit(TO_FILL_IN),
        )
    )


def what_went_well(found: Diagnosis, data: Evidence) -> Sentences:
    """Say what limited the damage: targets that were met, requests served, failures absorbed."""
    outages = [number for number in found.incidents["incident"] if is_outage(found, number)]
    told = in_words(found.verdicts.to_dicts(), found.targets.latency_quantile).filter(verdict="met")
    # Requests that never arrive break no SLO, so SLOs that held mean nothing in an outage.
    held = [name for name in told["target"] if not outages or name == "recovery"]
    targets = "target" if len(held) == 1 else "targets"
    lines = [f"The {targets} for {wording.listed(held)} held."] if held else []
    served = (_served(found, number) for number in found.incidents["incident"] if number not in outages)
    lines += filter(None, served)
    if data.spans is not None:
        lines += [
            f"{count(row['errors'], 'error')} of {row['name']} in {row['service']} were dealt with by "
            f"{row['swallowed_by']}; no user saw them."
            for row in swallowed_errors(data.spans).head(3).to_dicts()
        ]
    return Sentences(tuple(lines) or ("Nothing in these data limited the damage.",))


def left_out(found: Diagnosis) -> pl.DataFrame:
    """Return the lines and requests that no number counts: reason, requests."""
    rows = found.rollup.excluded.group_by("reason").agg(pl.col("requests").sum()).sort("reason")
    rejected = int(found.inputs.get("rejected") or 0)
    lines = pl.DataFrame({"reason": ["line could not be read"], "requests": [rejected]})
    return pl.concat([rows, lines.cast(rows.schema)]).filter(pl.col("requests") > 0)


def versions() -> pl.DataFrame:
    """Return the software that computed the numbers: name, version."""
    rows = [("incident_kit", kit_version()), ("Python", platform.python_version())]
    rows += [(name, version(name)) for name in LIBRARIES]
    return pl.DataFrame(rows, schema={"name": pl.String, "version": pl.String}, orient="row")


def _served(found: Diagnosis, incident: int) -> str | None:
    """Say what share of requests stayed good during the incident, in all and at its first endpoint."""
    requests, bad = totals(bad_over_time(found, incident))
    if requests - bad <= SPARED * requests:
        return None
    row = incident_row(found, incident)
    is_lone = found.incidents.height == 1
    during = "the incident" if is_lone else f"the {wording.KINDS[row['kind']]} {when(row)}"
    whole = f"During {during} {rate(1 - bad / requests)} of the requests were still good"
    first = next(iter(rows_of(found.endpoints, incident)), None)
    if first is None or first["share"] <= 0 or is_spread(first) or not first["requests"]:
        return f"{whole}."
    share = wording.percent(first["share"], 0)
    there = rate(1 - first["bad"] / first["requests"])
    return f"{whole}; at {endpoint_name(first)}, which explains {share} of the excess, {there}."


def _peak(found: Diagnosis, incident: int) -> list[dict[str, Any]]:
    if is_outage(found, incident):
        return []
    counts = bad_over_time(found, incident)
    onset = found.incidents["start"][incident]
    minutes = counts.group_by(pl.col("time").dt.truncate("1m")).agg(pl.col("requests", "bad").sum())
    worst = minutes.sort("bad", "time", descending=[True, False]).head(1).to_dicts()
    return [
        {
            "time": max(row["time"], onset),
            "what": f"worst minute: {count(row['bad'], 'bad request')} of {row['requests']:,}",
        }
        for row in worst
    ]


def _detection(found: Diagnosis, incident: int) -> list[dict[str, Any]]:
    alerts = fired(found, incident)
    pages = alerts.filter(severity="page")
    first = (alerts if pages.is_empty() else pages).head(1).to_dicts()
    return [
        {"time": row["start"], "what": f"a {row['severity']} would have come: {row['alert']}"}
        for row in first
    ]
