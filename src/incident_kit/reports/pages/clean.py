"""Reduce HTML of outputs and prose to what only shows text: no scripts, no forms, nothing loaded."""

from __future__ import annotations

from functools import cache
from typing import Any

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = ("blockquote", "details", "div", "figcaption", "figure", "hr", "p", "pre", "summary")
_LISTS = ("dd", "dl", "dt", "li", "ol", "ul")
_TABLES = ("caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr")
_WORDS = ("a", "abbr", "b", "br", "code", "del", "em", "i", "kbd", "mark", "s", "small", "span", "strong")
TAGS = frozenset((*_HEADINGS, *_BLOCKS, *_LISTS, *_TABLES, *_WORDS, "img", "sub", "sup"))
ATTRIBUTES = ("class", "id", "title", "colspan", "rowspan", "scope", "start", "alt")


def clean_fragment(fragment: str) -> str:
    """Return an HTML fragment without anything that acts, loads or submits."""
    cleaned: str = _cleaner().clean(str(fragment))
    return cleaned


@cache
def _cleaner() -> Any:
    from bleach.sanitizer import Cleaner  # type: ignore[import-untyped]

    return Cleaner(tags=TAGS, attributes=_allowed, protocols={"http", "https", "data"}, strip=True)


def _allowed(tag: str, name: str, value: str) -> bool:
    """Allow links and pictures, pictures only if they are embedded in the page."""
    if name == "href":
        return tag == "a" and not value.lower().startswith("data:")
    if name == "src":
        return tag == "img" and value.lower().startswith("data:image/")
    return name in ATTRIBUTES
