"""Write the page that lists the reports of a run: what happened, the targets, what to read next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incident_kit.diagnosis.target_words import in_words
from incident_kit.reports.notebooks.bundle import kit_version
from incident_kit.reports.pages.export import TEMPLATES, page_style
from incident_kit.reports.pages.unbroken import unbroken
from incident_kit.reports.prose.calm import is_calm
from incident_kit.window import parse_instant
from incident_kit.wording import count, stretch

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
    """One report: its page, its question, its answer, and its first picture (PNG in base64)."""

    name: str
    question: str
    verdict: dict[str, Any]
    links: Sequence[Link] = field(default=())
    picture: str = ""

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
        """The answer in one sentence."""
        return str(self.verdict.get("answer", ""))

    @property
    def is_calm(self) -> bool:
        """Whether the report found nothing wrong."""
        return is_calm(self.verdict)


@dataclass(frozen=True)
class Skipped:
    """A notebook that the data were not enough for: its question, and the reason in a sentence."""

    name: str
    question: str
    why: str


def index_html(entries: Sequence[Entry], skipped: Sequence[Skipped] = ()) -> str:
    """Return the page that lists `entries`, and says why those in `skipped` are missing.

    If all entries read the same data, the page begins with the first one's answer and picture and the
    targets.
    """
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup, escape

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.filters["unbroken"] = lambda text: Markup(unbroken(escape(text)))  # noqa: S704
    read = [entry for entry in entries if entry.verdict.get("inputs")]
    is_one = bool(read) and all(entry.verdict["inputs"] == read[0].verdict["inputs"] for entry in read)
    first = read[0] if is_one else None
    page: str = environment.get_template(TEMPLATE).render(
        title="What happened?" if first else "Incident reports",
        lead=_lead(first.verdict["inputs"]) if first else APART,
        first=first,
        targets=_targets(first.verdict) if first else [],
        css=CSS,
        pages=entries,
        skipped=skipped,
        style=page_style(),
        version=kit_version(),
    )
    return page


def _targets(verdict: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the verdicts on the targets in words."""
    return in_words(verdict["verdicts"], verdict["targets"]["latency_quantile"]).to_dicts()


def _lead(inputs: dict[str, Any]) -> str:
    names = {"requests": "request", "spans": "span"}
    parts = [count(inputs[key], noun) for key, noun in names.items() if inputs.get(key)]
    edges = [parse_instant(inputs[edge]) for edge in ("first", "last") if inputs.get(edge)]
    when = f", {stretch(*edges)}" if len(edges) == 2 else ""
    return f"From {' and '.join(parts) or 'no requests'}{when}."
