"""A diagnosis in words: plain text for a terminal, Markdown for a chat, HTML for a notebook."""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.incident_words import incident_in_words
from incident_kit.diagnosis.target_words import in_words, missed_throughout
from incident_kit.inert import NO_FORMULA_CLASS, for_html, for_markdown, for_terminal, sentence_html
from incident_kit.sensitive import mask_secrets
from incident_kit.window import parse_instant

Document = dict[str, Any]
ADVICE = 3
"""Number of findings in a summary; the others are in the table."""

VERDICTS = {"not enough data": "without enough data"}
"""How a verdict is worded for several targets, where it differs from one target."""

CHAT_LINES = 12
"""Upper bound on the lines for a chat, because a message that fills more than a part of the screen is not
read."""


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
    items = "".join(f"<li>{sentence_html(line)}</li>" for line in rest)
    strong = f"<strong>{for_html(head)}</strong>"
    return f'<div class="incident-kit-summary {NO_FORMULA_CLASS}">{strong}<ul>{items}</ul></div>'


def _lines(document: Document) -> list[str]:
    said = [*_found(document), *_verdicts(document), *_advice(document)]
    return [_head(document), *_inputs(document["inputs"]), *said]


def _head(document: Document) -> str:
    incidents = document["incidents"]
    if incidents and not incidents[0]["worse"]:
        return "The window given shows no incident."
    if incidents:
        return f"{wording.count(len(incidents), 'incident')} found."
    missed = missed_throughout(document["verdicts"], _quantile(document))
    return "No incident found, but targets are missed throughout." if missed else "No incident found."


def _found(document: Document) -> list[str]:
    incidents = document["incidents"]
    if not incidents and (missed := missed_throughout(document["verdicts"], _quantile(document))):
        return [missed]
    return [
        line for incident in incidents for line in incident_in_words(incident, document["targets"], incidents)
    ]


def _advice(document: Document) -> list[str]:
    """Return the first findings as sentences; advice that several findings give is said once."""
    claims: dict[tuple[str, str], list[str]] = {}
    for row in document["findings"]:
        claims.setdefault((row["priority"], row["change"]), []).append(row["claim"])
    return [
        f"{priority}: {_once(said)} {change}" for (priority, change), said in list(claims.items())[:ADVICE]
    ]


def _once(claims: list[str]) -> str:
    """Return the first claim, and how many others have the same advice."""
    first, *more = dict.fromkeys(claims)  # each incident repeats what all data lack
    if not more:
        return first
    asks = "asks" if len(more) == 1 else "ask"
    return f"{first} {wording.count(len(more), 'other finding')} {asks} for the same."


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
