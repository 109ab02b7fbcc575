"""A diagnosis in words: plain text for a terminal, Markdown for a chat, HTML for a notebook."""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.causes.candidates import candidates_in_words
from incident_kit.diagnosis.detection.latency_shifts import shifts_in_words
from incident_kit.diagnosis.target_words import alike_throughout, in_words
from incident_kit.inert import PLAIN, for_html, for_markdown, for_terminal
from incident_kit.measure.indicators.shares import UNEXPLAINED
from incident_kit.sensitive import mask_secrets
from incident_kit.window import parse_instant

Document = dict[str, Any]
ADVICE = 3
"""Number of findings in a summary; the others are in the table."""

VERDICTS = {"not enough data": "without enough data"}
"""How a verdict is worded for several targets, where it differs from one target."""

SMALLEST_SHARE = 0.005
"""An endpoint that explains less would be said to explain 0 %, which says nothing."""

MOST_ALIKE = 3
"""More endpoints than this with about the same share do not answer which one it was."""

CHAT_LINES = 12
"""More lines than fit on a screen beside others are not read in a chat."""


def text(document: Document) -> str:
    """Return the diagnosis as lines for a terminal."""
    return "\n".join(for_terminal(line) for line in _lines(document))


def markdown(document: Document) -> str:
    """Return the diagnosis as at most twelve lines of Markdown: short targets, and as much advice as fits.

    The lines are pasted where others read them, so secrets in names are masked.
    """
    targets = _verdicts_in_short(document)
    read = " ".join(_inputs(document["inputs"]))
    room = CHAT_LINES - 3 - len(targets)  # without head, empty line and inputs
    found = _found(document)[:room]
    lines = [read, *found, *targets, *_advice(document)[: room - len(found)]]
    shown = (for_markdown(mask_secrets(line)) for line in lines)
    return "\n".join([f"**{for_markdown(_head(document))}**", "", *(f"- {line}" for line in shown)])


def html(document: Document) -> str:
    """Return the diagnosis as an HTML fragment, in which everything is escaped."""
    head, *rest = _lines(document)
    items = "".join(f"<li>{for_html(line)}</li>" for line in rest)
    return (
        f'<div class="incident-kit-summary {PLAIN}"><strong>{for_html(head)}</strong><ul>{items}</ul></div>'
    )


def _lines(document: Document) -> list[str]:
    said = [*_found(document), *_verdicts(document), *_advice(document)]
    return [_head(document), *_inputs(document["inputs"]), *said]


def _head(document: Document) -> str:
    incidents = document["incidents"]
    if incidents and not incidents[0]["worse"]:
        return "The window given shows no incident."
    if incidents:
        return f"{wording.count(len(incidents), 'incident')} found."
    missed = alike_throughout(document["verdicts"], _quantile(document))
    return "No incident found, but targets are missed throughout." if missed else "No incident found."


def _found(document: Document) -> list[str]:
    incidents = document["incidents"]
    if not incidents and (missed := alike_throughout(document["verdicts"], _quantile(document))):
        return [missed]
    return [line for incident in incidents for line in _incident(incident, document["targets"])]


def _advice(document: Document) -> list[str]:
    said = (f"{row['priority']}: {row['claim']} {row['change']}" for row in document["findings"])
    return list(dict.fromkeys(said))[:ADVICE]  # each incident repeats what all data lack


def _inputs(inputs: dict[str, Any]) -> list[str]:
    """Return what was read, and the notes of the readers."""
    parts = {
        "requests": wording.count(inputs["requests"], "request") + _left_out(inputs["excluded"]),
        "rejected": wording.count(inputs["rejected"], "rejected line"),
        "spans": wording.count(inputs["spans"], "span"),
    }
    read = [words for name, words in parts.items() if inputs[name] or name == "requests"]
    edges = [parse_instant(inputs[edge]) for edge in ("first", "last") if inputs[edge]]
    when = f", {wording.stretch(*edges)}" if edges else ""
    return [f"Read {wording.listed(read)}{when}.", *inputs["notes"]]


def _left_out(excluded: int) -> str:
    return f" ({excluded:,} left out of the indicators)" if excluded else ""


def _incident(incident: dict[str, Any], targets: dict[str, float]) -> list[str]:
    over = f"to {_clock(incident['end'])}" if incident["end"] else "and not over when the data end"
    begun = wording.EARLIER if incident["began_before"] else ""
    at_least = "at least " if incident["began_before"] or not incident["end"] else ""
    if not incident["worse"]:
        when = wording.stretch(parse_instant(incident["start"]), parse_instant(incident["end"]))
        said = f"{when}: {_size(incident)}, and no endpoint surely slower."
        return [said, *candidates_in_words(incident)]
    lines = [
        f"{wording.KINDS[incident['kind']].capitalize()} from {_clock(incident['start'])}{begun} {over}, "
        f"{at_least}{wording.span(incident['recovery_s'])} long: {_size(incident)}."
    ]
    lines += _endpoint(incident["endpoints"], incident["explanation"])
    if incident["indicator"] == "latency" or _is_slow_too(incident, targets):
        lines.append(shifts_in_words(incident["quantiles"], targets["latency_quantile"]))
    return [*lines, *candidates_in_words(incident)]


def _is_slow_too(incident: dict[str, Any], targets: dict[str, float]) -> bool:
    """Return whether an incident of another kind made an endpoint miss the latency target as well."""
    moved = [row for row in incident["quantiles"] if row["moved"]]
    return bool(moved) and moved[0]["before_ms"] <= targets["latency_ms"] < moved[0]["during_ms"]


def _size(incident: dict[str, Any]) -> str:
    if incident["kind"] == "outage":
        return f"{wording.count(incident['bad'], 'request')} {wording.NEVER_ARRIVED}"
    return f"{wording.count(incident['bad'], 'bad request')}, {incident['excess']:,.0f} more than expected"


def _clock(instant: str) -> str:
    return wording.clock(parse_instant(instant))


def _endpoint(endpoints: list[dict[str, Any]], explanation: str) -> list[str]:
    """Return what explains the excess: the endpoints that cannot be told apart, or a better explanation."""
    if not endpoints:
        return [explanation]
    first, last = endpoints[0], endpoints[-1]
    if last["route"] == UNEXPLAINED and last["share"] > first["share"]:
        return [f"{_share(last)} of the excess has no known route: give templates (`routes`).", explanation]
    if first["share"] < SMALLEST_SHARE:
        return [explanation]
    alike = [one for one in endpoints if one["high"] >= first["low"] and one["share"] >= SMALLEST_SHARE]
    says = [f"{_name(one)} explains {_share(one)}" for one in alike[:MOST_ALIKE]]
    said = [] if len(alike) > MOST_ALIKE else [f"{wording.listed(says)} of the excess."]
    if not explanation.startswith(f"{_name(first)} explains"):
        return [*said, explanation]
    return said if len(alike) > 1 and said else [explanation]


def _name(row: dict[str, Any]) -> str:
    return wording.endpoint(row["method"], row["route"])


def _share(row: dict[str, Any]) -> str:
    return wording.share_with_interval(row["share"], row["low"], row["high"])


def _quantile(document: Document) -> float:
    return float(document["targets"]["latency_quantile"])


def _verdicts(document: Document) -> list[str]:
    return [
        f"Target {row['target']}, {row['goal']}: {row['verdict']}{_measured(row)}."
        for row in in_words(document["verdicts"], _quantile(document)).iter_rows(named=True)
    ]


def _verdicts_in_short(document: Document) -> list[str]:
    """Return one line per verdict, with its targets."""
    targets: dict[str, list[str]] = {}
    for row in in_words(document["verdicts"], _quantile(document)).iter_rows(named=True):
        measured = f" {row['measured']}" if row["measured"] else ""
        targets.setdefault(row["verdict"], []).append(f"{row['target']}{measured} ({row['goal']})")
    return [
        f"Targets {VERDICTS.get(verdict, verdict)}: {wording.listed(names)}."
        for verdict, names in sorted(targets.items())
    ]


def _measured(row: dict[str, Any]) -> str:
    interval = f" ({row['between']})" if row["between"] else ""
    return f", {row['measured']}{interval}" if row["measured"] else ""
