"""Text that cannot act: what a log says is shown, never obeyed.

Five places where a string from a log could do something, and one function for each. All of them first make
control and direction characters visible, for these act everywhere.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import Any

# Cc: control; Cf: format (bidirectional overrides, zero-width); Cs: lone surrogates; Co: private use;
# Zl, Zp: line and paragraph separators.
_ACTING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Mn, Me: marks that stand above, below or around the letter before them.
_MARKS = {"Mn", "Me"}
MOST_MARKS = 8
"""Marks on one letter: no script has more than five, and twice as many begin to cover the next line."""
# What acts anywhere in a line of Markdown (emphasis, code, links, tables, formulas, HTML), what acts at its
# beginning (headings, lists), and what turns into a link by itself. Everything else stays readable as source.
_MARKDOWN = re.compile(
    r"([\\`*\[\]|~<>$]|(?<![^\W_])_|_(?![^\W_])|^\s*[#+\-=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|:(?=//)|(?<=www)\.|@)"
)
PLAIN = "mathjax_ignore"
"""The class of HTML in which JupyterLab typesets no formula: between dollars a name could become another."""

# What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def visible(text: str, keep: str = "") -> str:
    r"""Write control and direction characters as escapes (`\x1b`, `\u202e`), save those in `keep`.

    Of marks above and below a letter a heap is written so too, which would cover the lines around it.
    """
    if text.isascii() and text.isprintable():
        return text
    shown, marks = list[str](), 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        acts = (_acts(character) and character not in keep) or marks > MOST_MARKS
        shown.append(_escaped(character) if acts else character)
    return "".join(shown)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _ACTING


def for_terminal(text: str) -> str:
    """Return text that neither moves the cursor, nor colours, nor turns the direction of a terminal."""
    return visible(text)


def as_json(document: Any) -> str:
    r"""Return a document as JSON that does nothing in a terminal: what acts stands in it as `\uXXXX`."""
    written = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return re.sub(r"[^\n -~]", _in_json, written)


def _in_json(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if _acts(found[0]) else found[0]


def for_html(text: str) -> str:
    """Return text that is only text within an HTML element or a quoted attribute."""
    return html.escape(visible(text, keep="\n\t"), quote=True)


def for_markdown(text: str) -> str:
    """Return one line of text that is no link, picture, heading, formula or HTML in Markdown."""
    escaped = _MARKDOWN.sub(r"\\\1", visible(text))
    return escaped.replace("&", "&amp;").replace("\\<", "&lt;").replace("\\>", "&gt;")


def for_csv(text: str) -> str:
    """Return a cell that a spreadsheet shows as it is and does not compute."""
    return f"'{visible(text)}" if text.lstrip(" ").startswith(_FORMULA) else visible(text)


def for_figure(text: str) -> str:
    """Return text that matplotlib draws as it is, and does not typeset as a formula."""
    return visible(text, keep="\n").replace("$", r"\$")
