"""Sentences with computed numbers: the words of a notebook that depend on the data.

Each takes a `Diagnosis` (or what was read) and answers one question; where there is nothing to answer, it
says that, and what comes closest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.inert import for_html, for_terminal
from incident_kit.measure.red import red
from incident_kit.measure.rollup import Rollup
from incident_kit.reports.parameters import NotebookParameters

KINDS = {
    "latency": "latency incident",
    "errors": "error incident",
    "traffic": "shift of traffic",
    "outage": "outage",
}
"""What an incident is called, by its kind."""


@dataclass(frozen=True)
class Sentences:
    """Sentences that show themselves as a paragraph, or as a list where there are several."""

    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(for_terminal(line) for line in self.lines)

    def _repr_html_(self) -> str:
        if len(self.lines) == 1:
            return f'<p class="ik-say">{for_html(self.lines[0])}</p>'
        items = "".join(f"<li>{for_html(line)}</li>" for line in self.lines)
        return f'<ul class="ik-say">{items}</ul>'


def moment(instant: datetime, tz: str = "UTC") -> str:
    """Write an instant in UTC, and in the zone of the reader where that is another."""
    utc = wording.clock(instant.astimezone(ZoneInfo("UTC")))
    if tz == "UTC":
        return utc
    return f"{utc} ({instant.astimezone(ZoneInfo(tz)):%H:%M:%S} in {tz})"


def worst(found: Diagnosis, indicator: str | None = None) -> int | None:
    """Return the number of the incident with the largest excess, of one indicator if given; None if none."""
    rows = found.incidents if indicator is None else found.incidents.filter(indicator=indicator)
    return None if rows.is_empty() else int(rows.sort("excess", descending=True)["incident"][0])


def what_is_asked(asked: NotebookParameters) -> Sentences:
    """Say what every number below depends on: the data, the stretch of time, the targets."""
    goals = asked.targets
    data = (
        f"the sample incident {asked.sample}"
        if asked.is_sample
        else wording.listed([*asked.logs, *asked.traces])
    )
    incident = f"the incident is given as {asked.incident}" if asked.incident else "incidents are detected"
    baseline = f"compared with {asked.baseline}" if asked.baseline else "compared with what was normal before"
    return Sentences(
        (
            f"Data: {data}.",
            f"Time: {incident}, {baseline}; times are shown in {asked.display_tz}.",
            f"Targets: {wording.percent(goals.latency_quantile)} of requests within "
            f"{wording.milliseconds(goals.latency_ms)}, at most {wording.percent(goals.error_rate, 3)} "
            f"errors, {wording.percent(goals.availability, 3)} available, recovery within "
            f"{wording.span(goals.recovery_s)}.",
            "Secrets, clients and users are masked."
            if asked.mask
            else "Nothing is masked; do not pass this on.",
        )
    )


def what_was_read(data: Evidence) -> Sentences:
    """Say what was read and what the readers noticed."""
    return Sentences(data.notes or ("Nothing was read.",))


def onset(found: Diagnosis, incident: int | None, tz: str = "UTC") -> Sentences:
    """Say when an incident began and ended, and how many requests it spoilt."""
    if incident is None:
        return Sentences((nothing(found, tz),))
    row = _incident(found, incident)
    begun = f"The {KINDS.get(row['kind'], row['kind'])} began at {moment(row['start'], tz)}"
    if row["end"] is None:
        until = " and was not over when the data end"
    else:
        length = wording.span((row["end"] - row["start"]).total_seconds())
        until = f" and ended at {moment(row['end'], tz)}, after {length}"
    provisional = (
        "; the end lies in the last stretch, where slow requests are not logged yet, and is provisional"
        if row["provisional"]
        else ""
    )
    bad = wording.count(row["bad"], "bad request")
    return Sentences((f"{begun}{until}{provisional}: {bad}, {row['excess']:,.0f} more than before it.",))


def nothing(found: Diagnosis, tz: str = "UTC") -> str:
    """Say that there was no incident, between when, and which endpoint comes closest to one."""
    window = found.rollup.window
    if window is None:
        return "No incident was found, for there is no valid request to look at."
    between = f"No incident was found between {moment(window.start, tz)} and {moment(window.end, tz)}."
    ranked = _slowest(found.rollup)
    if ranked is None:
        return between
    name, p95 = ranked
    return f"{between} The slowest endpoint is {name}, with a p95 of {wording.milliseconds(p95)}."


def endpoint(found: Diagnosis, incident: int | None) -> Sentences:
    """Say which endpoint explains the extra bad requests, and whether it got worse or got more traffic."""
    rows = _of(found.endpoints, incident)
    if not rows or rows[0]["share"] <= 0:
        return Sentences(("There is no excess of bad requests to share out between endpoints.",))
    top = rows[0]
    share = wording.share_with_interval(top["share"], top["low"], top["high"])
    how = "got worse" if top["rate_share"] >= top["mix_share"] else "got more traffic"
    return Sentences((f"{_name(top)} explains {share} of the extra bad requests, because it {how}.",))


def dependency(found: Diagnosis, incident: int | None) -> Sentences:
    """Say which dependency the evidence points to, or that none stands out."""
    rows = _of(found.dependencies, incident)
    if incident is None:
        return Sentences(("Without an incident there is nothing to blame on a dependency.",))
    if not rows:
        return Sentences(
            ("Nothing here tells dependencies apart; traces, or upstream fields in the log, would.",)
        )
    top = rows[0]
    share = wording.share_with_interval(top["share"], top["low"], top["high"])
    why = top["evidence"].rstrip(".")
    if top["stated"]:
        return Sentences((f"It came from {top['name']} ({top['kind']}), with {share} of the change: {why}.",))
    names = wording.listed([row["name"] for row in rows[:2]], "or")
    return Sentences((f"The evidence does not separate {names}; {top['name']} comes first: {why}.",))


def what_is_missing(data: Evidence) -> Sentences:
    """Say what more could be said with what was not given."""
    lines = []
    if data.requests is None:
        lines.append("With the access log, every request would count, not only the traced ones.")
    elif not _has_durations(data.requests):
        lines.append(
            "This log has no durations, so nothing can be said about latency; add $request_time and "
            "$upstream_response_time to nginx's log_format (%D in Apache's LogFormat)."
        )
    if data.spans is None:
        lines.append("With traces, the time and the failures could be followed into each dependency.")
    return Sentences(tuple(lines) or ("Log and traces are both here; nothing more was needed.",))


def answer(found: Diagnosis) -> str:
    """Return the whole diagnosis in one sentence."""
    number = worst(found)
    if number is None:
        return nothing(found)
    row = _incident(found, number)
    begun = f"{KINDS.get(row['kind'], row['kind'])} from {moment(row['start'])}"
    endpoints, causes = _of(found.endpoints, number), _of(found.dependencies, number)
    where = f", mostly {_name(endpoints[0])}" if endpoints and endpoints[0]["share"] > 0 else ""
    cause = ""
    if causes:
        cause = (
            f", because of {causes[0]['name']}" if causes[0]["stated"] else f", perhaps {causes[0]['name']}"
        )
    return f"{begun[0].upper()}{begun[1:]}{where}{cause}."


def _incident(found: Diagnosis, number: int) -> dict[str, Any]:
    return found.incidents.row(number, named=True)


def _of(frame: pl.DataFrame, incident: int | None) -> list[dict[str, Any]]:
    return [] if incident is None else frame.filter(incident=incident).to_dicts()


def _name(row: dict[str, Any]) -> str:
    return " ".join(part for part in (row["method"], row["route"]) if part)


def _has_durations(requests: pl.DataFrame | Rollup) -> bool:
    if isinstance(requests, Rollup):
        return not requests.latency.is_empty()
    return bool(requests["duration_ms"].count())


def _slowest(rollup: Rollup) -> tuple[str, float] | None:
    rows = red(rollup, by=("method", "route"))
    ranked = (
        rows.filter(pl.col("p95_ms").is_not_null())
        .group_by("method", "route")
        .agg(pl.col("p95_ms").median())
        .sort("p95_ms", "route", descending=[True, False])
    )
    if ranked.is_empty():
        return None
    top = ranked.row(0, named=True)
    return _name(top), float(top["p95_ms"])
