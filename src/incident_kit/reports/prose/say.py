"""Sentences with computed numbers: the words of a notebook that depend on the data.

Each function takes a `Diagnosis` (or what was read) and answers one question. If there is nothing to
answer, it says so, and what comes closest.
"""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.attributes.group_words import explains
from incident_kit.diagnosis.causes.candidates import candidates, in_common, no_upstream_is_worse, rivals
from incident_kit.diagnosis.detection.latency_shifts import shifts_in_words
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.doubts.objections import OF_KINDS
from incident_kit.diagnosis.incident_words import SMALLEST_SHARE
from incident_kit.reports.prose.chosen import (
    BESIDE,
    group,
    incident_row,
    is_outage,
    is_spread,
    nearest,
    rows_of,
)
from incident_kit.reports.prose.dead_ends import NO_DURATIONS, instead, missed_at, nothing
from incident_kit.reports.prose.incident_phrases import (
    begun,
    deeper,
    endpoint_name,
    length,
    lost,
    others,
    unharmed,
)
from incident_kit.reports.prose.sentences import Sentences, moment

MISSED = (
    "Nothing changed within the data, and yet targets are missed: give a longer log, or `incident` and "
    "`baseline`, and run this again."
)

UNLOGGED = {
    False: "; the end lies in the last stretch, where slow requests are not logged yet, and is provisional",
    True: "; of the last stretch, slow requests are not logged yet",
}
"""What is said of an incident that reaches into the last stretch, by whether it has no end."""

PLACES = ("first", "second", "third")

NO_EXCESS = "There is no excess of bad requests to share out between endpoints."
WITHOUT_EXCESS = "Without an incident there is no excess of bad requests to share out between endpoints."
NOTHING_TELLS = (
    "Nothing here tells dependencies apart; traces would, or upstream fields in the log (the log itself, not "
    "its rollup)."
)
NOTHING_TO_BLAME = "Without an incident there is nothing to blame on a dependency."


def onset(found: Diagnosis, incident: int | None, tz: str = "UTC") -> Sentences:
    """Say when an incident began and ended, and how many requests it made bad."""
    if incident is None:
        return Sentences((nothing(found, tz),))
    row = incident_row(found, incident)
    if not row["worse"]:
        return Sentences((unharmed(row, tz),))
    since = f"The {wording.KINDS[row['kind']]} began at {begun(row, tz)}"
    if row["end"] is None:
        until = " and was not over when the data end"
    else:
        until = f" and ended at {moment(row['end'], tz)}, after {length(row)}"
    provisional = UNLOGGED[row["end"] is None] if row["provisional"] else ""
    more = "" if row["kind"] == "outage" else f", {row['excess']:,.0f} more than expected"
    beside = others(found)
    apart = (f"What follows is about this one; {beside}.",) if beside else ()
    return Sentences((f"{since}{until}{provisional}: {lost(row)}{more}.", *apart))


def endpoint(found: Diagnosis, incident: int | None) -> Sentences:
    """Say which endpoint explains the extra bad requests, and whether it got worse or more traffic.

    If they have something in common that tells more than any endpoint, that comes first.
    """
    apart = group(found, incident)
    common = () if apart is None else (f"{explains(apart, 'extra bad requests')}.",)
    return Sentences((*common, _of_endpoints(found, incident)))


def _of_endpoints(found: Diagnosis, incident: int | None) -> str:
    rows = rows_of(found.endpoints, incident)
    if not rows or rows[0]["share"] <= 0:
        missed = missed_at(found, "errors", "latency").strip()
        return instead(found, incident, NO_EXCESS, missed or WITHOUT_EXCESS)
    top = rows[0]
    if is_spread(top):
        many = wording.count(sum(row["share"] > 0 for row in rows), "endpoint")
        return f"The extra bad requests are spread over {many}; none of them stands out."
    share = _share(top)
    if is_outage(found, incident):
        return f"{endpoint_name(top)} has {share} of the requests that never arrived."
    beside = [row for row in rows[1:3] if row["share"] >= BESIDE * top["share"]]
    if not beside or beside[0]["route"] == wording.UNEXPLAINED:
        why = f"because it {_how(top)}"
        return f"{endpoint_name(top)} explains {share} of the extra bad requests, {why}."
    return _several([top, *(row for row in beside if row["route"] != wording.UNEXPLAINED)])


def _several(endpoints: list[dict[str, Any]]) -> str:
    parts = [f"{endpoint_name(row)} explains {_share(row)}" for row in endpoints]
    hows = [_how(row) for row in endpoints]
    if len(set(hows)) == 1:
        why = f"{'both' if len(hows) == 2 else 'all three'} {hows[0]}"
    else:
        why = ", ".join(f"the {place} {how}" for place, how in zip(PLACES, hows, strict=False))
    return f"{wording.listed(parts)} of the extra bad requests: {why}."


def _share(row: dict[str, Any]) -> str:
    return wording.share_with_interval(row["share"], row["low"], row["high"])


def _how(row: dict[str, Any]) -> str:
    if not row["baseline_requests"]:
        return "had no traffic before"
    return "got worse" if row["rate_share"] >= row["mix_share"] else "got more traffic"


def slower(found: Diagnosis, incident: int | None) -> Sentences:
    """Say which endpoint's latency quantile moved, and by how many milliseconds.

    If no incident is shown, the sentence is about the worst one of another kind.
    """
    shown = nearest(found, incident)
    if shown is None:
        return Sentences(("Without an incident there is no latency to compare with.",))
    if found.rollup.latency.is_empty():
        return Sentences((f"{NO_DURATIONS}.",))
    said = shifts_in_words(rows_of(found.quantiles, shown), found.targets.latency_quantile)
    kind = wording.KINDS[incident_row(found, shown)["kind"]]
    return Sentences((said if shown == incident else f"In the {kind}, {said[0].lower()}{said[1:]}",))


def dependency(found: Diagnosis, incident: int | None) -> Sentences:
    """Say which dependency the evidence points to, or that none stands out."""
    rows = rows_of(found.dependencies, incident)
    if not rows:
        return Sentences((instead(found, incident, NOTHING_TELLS, NOTHING_TO_BLAME),))
    return Sentences((_blamed(incident_row(found, rows[0]["incident"]), rows),))


def _blamed(incident: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    if incident["kind"] in OF_KINDS:
        return f"No dependency is to blame: {OF_KINDS[incident['kind']]}."
    named = candidates(incident["kind"], rows)
    if not named:
        return "Nothing about any dependency changed beyond chance."
    top, alike = named[0], rivals(named)
    name, why = f"{top['name']} ({top['kind']})", top["evidence"].rstrip(".")
    if top["stated"]:
        # A fault that makes calls fail or vanish may leave no extra time, so that it has no share to tell.
        part = f", with {_share(top)} of the change" if top["share"] >= SMALLEST_SHARE else ""
        came = f"It came from {name}{part}" if incident["worse"] else f"{name} changed"
        return f"{came}: {why}."
    if no_upstream_is_worse(rows):
        return in_common(rows)
    others = alike[0]["name"] if len(alike) == 1 else f"{len(alike)} others"
    apart = f"does not tell {top['name']} from {others}" if alike else "establishes no cause"
    return f"The evidence {apart}; {top['name']} comes first: {why}."


def next_notebooks(found: Diagnosis, incident: int | None, *, with_traces: bool) -> Sentences:
    """Say which notebooks go deeper into what was found."""
    if incident is None:
        missed = "breached" in found.verdicts["verdict"]
        lines = [MISSED if missed else "Nothing asks for another notebook; compare_releases looks for less."]
    else:
        rows = [incident_row(found, incident), *found.incidents.to_dicts()]
        lines = [f"{name}: {why}." for name, why in dict.fromkeys(map(deeper, rows))]
    if with_traces:
        lines.append("dependencies: who calls whom, where the time went, and what a fix would give.")
    if incident is not None:
        lines.append("postmortem: all of it as a document, for when it is over.")
    return Sentences(tuple(lines))
