"""One incident of a diagnosis in sentences: when, how large, at which endpoints, and who may be the cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.attributes.explanation import EXTRA
from incident_kit.diagnosis.attributes.group_words import GROUP
from incident_kit.diagnosis.causes.candidates import candidates_in_words
from incident_kit.diagnosis.detection.latency_shifts import shifts_in_words
from incident_kit.window import parse_instant

SMALLEST_SHARE = 0.005
"""An endpoint that explains less would be said to explain 0 %, which says nothing."""

MAX_ALIKE = 3
"""More endpoints than this with about the same share do not answer which one it was."""


def incident_in_words(
    incident: dict[str, Any], targets: dict[str, float], others: Sequence[dict[str, Any]] = ()
) -> list[str]:
    """Return the sentences about one incident of a diagnosis' document: its size, where it hit, and why.

    What became slow in it is left to an incident of latency among the `others`, if one lies in its time.
    """
    over = f"to {_clock(incident['end'])}" if incident["end"] else "and not over when the data end"
    begun = wording.EARLIER if incident["began_before"] else ""
    at_least = "at least " if incident["began_before"] or not incident["end"] else ""
    if not incident["worse"]:
        when = wording.stretch(parse_instant(incident["start"]), parse_instant(incident["end"]))
        said = f"{when}: {_size(incident)}, and no endpoint surely slower."
        return [said, *candidates_in_words(incident)]
    lines = [
        f"{wording.KINDS[incident['kind']].capitalize()} from {_clock(incident['start'])}{begun} {over}, "
        f"{at_least}{wording.duration_words(incident['recovery_s'])} long: {_size(incident)}."
    ]
    lines += _endpoint(incident)
    is_told = any(one["indicator"] == "latency" and _overlap(one, incident) for one in others)
    if incident["indicator"] == "latency" or (_is_slow_too(incident, targets) and not is_told):
        lines.append(shifts_in_words(incident["quantiles"], targets["latency_quantile"]))
    return [*lines, *candidates_in_words(incident)]


def _is_slow_too(incident: dict[str, Any], targets: dict[str, float]) -> bool:
    """Return whether an incident of another kind made an endpoint miss the latency target as well."""
    moved = [row for row in incident["quantiles"] if row["moved"]]
    return bool(moved) and moved[0]["before_ms"] <= targets["latency_ms"] < moved[0]["during_ms"]


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two incidents have time in common. Their times are texts of one form, which compare."""
    is_before = one["end"] is not None and one["end"] <= other["start"]
    is_after = other["end"] is not None and other["end"] <= one["start"]
    return not is_before and not is_after


def _size(incident: dict[str, Any]) -> str:
    if incident["kind"] == "outage":
        return f"{wording.count(incident['bad'], 'request')} {wording.NEVER_ARRIVED}"
    return f"{wording.count(incident['bad'], 'bad request')}, {incident['excess']:,.0f} more than expected"


def _clock(instant: str) -> str:
    return wording.clock(parse_instant(instant))


def _endpoint(incident: dict[str, Any]) -> list[str]:
    """Return what explains the excess: the endpoints that cannot be told apart, or a better explanation."""
    endpoints, explanation = incident["endpoints"], incident["explanation"]
    if not endpoints:
        return [explanation]
    first, last = endpoints[0], endpoints[-1]
    if last["route"] == wording.UNEXPLAINED and last["share"] > first["share"]:
        return [f"{_share(last)} of the excess has no known route: give templates (`routes`).", explanation]
    if first["share"] < SMALLEST_SHARE:
        return [explanation]
    alike = [one for one in endpoints if one["high"] >= first["low"] and one["share"] >= SMALLEST_SHARE]
    is_spread = len(alike) > MAX_ALIKE
    said = _spread(incident) if is_spread else _explain(incident, alike)
    if explanation.startswith(GROUP):
        return [explanation] if is_spread else [explanation, said]
    if not explanation.startswith(f"{_name(first)} explains"):
        return [said, explanation]
    return [said] if len(alike) > 1 else [explanation]


def _explain(incident: dict[str, Any], endpoints: Sequence[dict[str, Any]]) -> str:
    does = "has" if incident["kind"] == "outage" else "explains"
    says = [f"{_name(one)} {does} {_share(one)}" for one in endpoints]
    return f"{wording.listed(says)} of the {EXTRA[incident['indicator']]}."


def _spread(incident: dict[str, Any]) -> str:
    many = wording.count(sum(one["share"] > 0 for one in incident["endpoints"]), "endpoint")
    return f"The {EXTRA[incident['indicator']]} are spread over {many}; none of them stands out."


def _name(row: dict[str, Any]) -> str:
    return wording.endpoint(row["method"], row["route"])


def _share(row: dict[str, Any]) -> str:
    return wording.share_with_interval(row["share"], row["low"], row["high"])
