"""The page that lists the reports of one run: each question with its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from incident_kit.diagnosis.target_words import in_words
from incident_kit.reports.export import TEMPLATES, kit_version, page_style
from incident_kit.window import parse_instant
from incident_kit.wording import clock, count

TEMPLATE = "incident/index_page.html.j2"
APART = "Each report read its own data, and says which."
CSS = {"met": "met", "breached": "breached", "not enough data": "unknown"}


@dataclass(frozen=True)
class Link:
    """A file beside the page."""

    href: str
    text: str


@dataclass(frozen=True)
class Entry:
    """One report: where it is, what it asked and what it found."""

    name: str
    question: str
    verdict: dict[str, Any]
    links: Sequence[Link] = field(default=())

    @property
    def href(self) -> str:
        """The page of the report."""
        return f"{self.name}.html"

    @property
    def title(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ").capitalize()

    @property
    def answer(self) -> str:
        """What it found, in one sentence."""
        return str(self.verdict.get("answer", ""))


def index_html(entries: Sequence[Entry]) -> str:
    """Return the page that lists `entries`, with the targets if all of them read the same data."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    read = [entry.verdict for entry in entries if entry.verdict.get("inputs")]
    is_one = bool(read) and all(verdict["inputs"] == read[0]["inputs"] for verdict in read)
    verdict = read[0] if is_one else {}
    page: str = environment.get_template(TEMPLATE).render(
        title="Incident reports",
        lead=_lead(verdict["inputs"]) if is_one else APART,
        targets=in_words(verdict.get("verdicts", [])).to_dicts(),
        css=CSS,
        pages=entries,
        style=page_style(),
        version=kit_version(),
    )
    return page


def _lead(inputs: dict[str, Any]) -> str:
    parts = [count(inputs.get("requests", 0), "request"), count(inputs.get("spans", 0), "span")]
    edges = [clock(parse_instant(inputs[edge])) for edge in ("first", "last") if inputs.get(edge)]
    return f"Read {' and '.join(parts)}{', ' if edges else ''}{' to '.join(edges)}."
