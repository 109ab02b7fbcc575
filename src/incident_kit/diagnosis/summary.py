"""A diagnosis in words: plain text for a terminal, Markdown for a chat, HTML for a notebook."""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.inert import for_html, for_markdown, for_terminal
from incident_kit.window import parse_instant

Document = dict[str, Any]
ADVICE = 3
"""How many findings a summary shows; the rest stand in the table."""


def text(document: Document) -> str:
    """Return the diagnosis as lines for a terminal."""
    return "\n".join(for_terminal(line) for line in _lines(document))


def markdown(document: Document) -> str:
    """Return the diagnosis as a Markdown list of about twelve lines."""
    head, *rest = _lines(document)
    return "\n".join([f"**{for_markdown(head)}**", "", *(f"- {for_markdown(line)}" for line in rest)])


def html(document: Document) -> str:
    """Return the diagnosis as an HTML fragment; everything in it is escaped."""
    head, *rest = _lines(document)
    items = "".join(f"<li>{for_html(line)}</li>" for line in rest)
    return f'<div class="incident-kit-summary"><strong>{for_html(head)}</strong><ul>{items}</ul></div>'


def _lines(document: Document) -> list[str]:
    incidents = document["incidents"]
    head = f"{wording.count(len(incidents), 'incident')} found." if incidents else "No incident found."
    lines = [head, _inputs(document["inputs"])]
    for incident in incidents:
        lines += _incident(incident)
    lines += [_verdict(row) for row in document["verdicts"]]
    lines += [f"{row['priority']}: {row['claim']} {row['change']}" for row in document["findings"][:ADVICE]]
    return lines


def _inputs(inputs: dict[str, Any]) -> str:
    read = [wording.count(inputs["requests"], "request")]
    read += [wording.count(inputs[what], f"{what} line") for what in ("rejected",) if inputs[what]]
    read += (
        [wording.count(inputs["excluded"], "request") + " left out as not valid"]
        if inputs["excluded"]
        else []
    )
    read += [wording.count(inputs["spans"], "span")] if inputs["spans"] else []
    window = f", {inputs['first']} to {inputs['last']}" if inputs["first"] else ""
    return f"Read {wording.listed(read)}{window}."


def _incident(incident: dict[str, Any]) -> list[str]:
    begin = wording.clock(parse_instant(incident["start"]))
    over = (
        f"to {wording.clock(parse_instant(incident['end']))}" if incident["end"] else "still open at the end"
    )
    took = (
        f", recovered in {wording.span(incident['recovery_s'])}" if incident["recovery_s"] is not None else ""
    )
    lines = [
        f"{incident['kind'].capitalize()} incident from {begin} {over}{took}: "
        f"{wording.count(incident['bad'], 'bad request')}, {incident['excess']:,.0f} more than expected."
    ]
    lines += [_endpoint(row) for row in incident["endpoints"][:1]]
    lines.append(incident["explanation"])
    lines += [_dependency(row) for row in incident["dependencies"][:1]]
    return lines


def _endpoint(row: dict[str, Any]) -> str:
    share = wording.share_with_interval(row["share"], row["low"], row["high"])
    return f"{row['method']} {row['route']} has {share} of the excess."


def _dependency(row: dict[str, Any]) -> str:
    certainty = "is the cause" if row["stated"] else "is the best candidate, not an established cause"
    return f"{row['name']} ({row['kind']}) {certainty}: {row['evidence']}"


def _verdict(row: dict[str, Any]) -> str:
    interval = f"{row['low']:.6g} to {row['high']:.6g}"
    return f"Target {row['target']}: {row['verdict']} ({row['value']:.6g}, {interval})."
