"""One sentence that says what an incident's extra bad requests have in common."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from incident_kit.diagnosis.attributes import PAIR_SEPARATOR, TAUTOLOGIES
from incident_kit.diagnosis.incidents import Incident
from incident_kit.wording import percent, share_with_interval

REMAINDER = 0.1
"""With less than a tenth of the excess left over, nothing else changed that anyone would look for."""

EXTRA: Mapping[str, str] = {
    "errors": "extra errors",
    "latency": "extra slow requests",
    "availability": "requests that never arrived",
}
NOTHING_WORSE: Mapping[str, str] = {
    "errors": "nothing fails more often than before",
    "latency": "nothing got slower",
    "availability": "nothing fails more often than before",
}
PHRASES: Mapping[str, str] = {
    "endpoint": "{}",
    "method": "by {}",
    "status": "with status {}",
    "host": "to host {}",
    "upstream": "on upstream {}",
    "client_network": "from {}",
    "user_agent_family": "by {} clients",
    "http_version": "over HTTP/{}",
}


def explanation(incident: Incident, attributes: pl.DataFrame) -> str:
    """Say what separates an incident's extra bad requests, in one sentence.

    `attributes` is what `attribute_shares` returns.
    """
    extra = EXTRA[incident.slo.indicator]
    by_definition = TAUTOLOGIES.get(incident.slo.indicator, ())
    found = attributes.filter("separates", ~pl.col("attribute").is_in(by_definition))
    if incident.excess <= 0:
        return f"There are no {extra}."
    if found.is_empty():
        return f"No attribute separates the {extra} from the other requests."
    first = found.row(0, named=True)
    group = _group(first["attribute"], first["value"])
    share = share_with_interval(first["share"], first["low"], first["high"])
    if incident.kind == "traffic":
        return (
            f"Traffic moved, {NOTHING_WORSE[incident.slo.indicator]}: {group} brought {share} of the {extra}."
        )
    return f"{group} explains {share} of the {extra}; {_rest(1 - first['share'])}."


def _group(attribute: str, value: str) -> str:
    """Return `POST /checkout on upstream 10.0.0.7`, or `requests from 10.0.0.0/24`."""
    names, values = attribute.split(PAIR_SEPARATOR), value.split(PAIR_SEPARATOR)
    phrases = [
        PHRASES.get(name, f"with {name} {{}}").format(one) for name, one in zip(names, values, strict=True)
    ]
    return " ".join(phrases if names[0] == "endpoint" else ["requests", *phrases])


def _rest(share: float) -> str:
    return "nothing else changed" if share < REMAINDER else f"{percent(share, 0)} lie elsewhere"
