"""Sentences with computed numbers: the words of a notebook that depend on the data.

Each takes a `Diagnosis` (or what was read) and answers one question; where there is nothing to answer, it
says that, and what comes closest.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.latency_shifts import shifts_in_words
from incident_kit.diagnosis.target_words import alike_throughout
from incident_kit.measure.red import red
from incident_kit.measure.rollup import Rollup
from incident_kit.reports.sentences import Sentences, moment

DEEPER = {
    "latency": ("latency_regression", "which requests became slow, and what their time went to"),
    "errors": ("error_spike", "which requests fail, with which status, and where the failures start"),
}
"""The notebook that goes deeper, by the indicator that an incident broke."""


def worst(found: Diagnosis, indicator: str | None = None) -> int | None:
    """Return the number of the incident with the largest excess, of one indicator if given; None if none."""
    rows = found.incidents if indicator is None else found.incidents.filter(indicator=indicator)
    return None if rows.is_empty() else int(rows.sort("excess", descending=True)["incident"][0])


def onset(found: Diagnosis, incident: int | None, tz: str = "UTC") -> Sentences:
    """Say when an incident began and ended, and how many requests it spoilt."""
    if incident is None:
        return Sentences((nothing(found, tz),))
    row = _incident(found, incident)
    begun = f"The {wording.KINDS[row['kind']]} began at {moment(row['start'], tz)}"
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
    """Say that there was none, between when, and what there was instead, or what comes closest."""
    window = found.rollup.window
    if window is None:
        return "No incident was found, for there is no valid request to look at."
    stretch = f"between {moment(window.start, tz)} and {moment(window.end, tz)}"
    other = worst(found)
    if other is not None:
        row = _incident(found, other)
        notebook = DEEPER.get(row["indicator"], DEEPER["errors"])[0]
        kind = wording.KINDS[row["kind"]]
        return (
            f"Nothing of this kind was found {stretch}; there was an incident of another: the {kind} from "
            f"{moment(row['start'], tz)}, which {notebook} looks into."
        )
    missed = alike_throughout(found.verdicts.to_dicts(), found.targets.latency_quantile)
    between = f"No incident was found {stretch}." + (f" {missed}" if missed else "")
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


def slower(found: Diagnosis, incident: int | None) -> Sentences:
    """Say which endpoint's latency quantile moved, and by how many milliseconds."""
    if incident is None:
        return Sentences(("Without an incident there is no latency to compare with.",))
    return Sentences((shifts_in_words(_of(found.quantiles, incident), found.targets.latency_quantile),))


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


def next_notebooks(found: Diagnosis, incident: int | None, *, with_traces: bool) -> Sentences:
    """Say which notebooks go deeper into what was found."""
    if incident is None:
        lines = ["Nothing asks for another notebook; compare_releases looks for smaller changes."]
    else:
        name, why = DEEPER.get(_incident(found, incident)["indicator"], DEEPER["errors"])
        lines = [f"{name}: {why}."]
    if with_traces:
        lines.append("dependencies: who calls whom, where the time went, and what a fix would give.")
    if incident is not None:
        lines.append("postmortem: all of it as a document, for when it is over.")
    return Sentences(tuple(lines))


def in_short(found: Diagnosis, number: int | None) -> str:
    """Return an incident in one sentence: kind, onset, endpoint and cause; or that there is none."""
    if number is None:
        return nothing(found)
    row = _incident(found, number)
    begun = f"{wording.KINDS[row['kind']]} from {moment(row['start'])}"
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
