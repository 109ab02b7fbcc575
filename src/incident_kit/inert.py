"""Make text inert: strings from a log are displayed and never take effect.

A string from a log could take effect in six places (a terminal, JSON shown in one, HTML, Markdown, a
spreadsheet, a figure), and there is one function for each. All of them first make control and direction
characters visible, because these take effect everywhere. For example, the path `=cmd()` becomes `'=cmd()` in
a CSV file.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import Any

# Cc: control; Cf: format (bidirectional overrides, zero-width); Cs: lone surrogates; Co: private use; Zl, Zp:
# line and paragraph separators.
_ACTING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Mn, Me: marks above, below or around the preceding letter.
_MARKS = {"Mn", "Me"}
MAX_MARKS = 8
"""Most marks on one letter. No script has more than five, and twice as many begin to cover the next line."""
# What a sentence of the kit's own marks as code.
_CODE = re.compile(r"`([^`]+)`")
# Characters that take effect anywhere in a line of Markdown (emphasis, code, links, tables, formulas, HTML),
# at its beginning (headings, lists), or that make a link without markup. Everything else stays readable as
# source.
_MARKDOWN = re.compile(
    r"([\\`*\[\]|~<>$]|(?<![^\W_])_|_(?![^\W_])|^\s*[#+\-=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|:(?=//)|(?<=www)\.|@)"
)
NO_FORMULA_CLASS = "mathjax_ignore"
"""HTML class in which JupyterLab typesets no formula. Otherwise a name between dollar signs could become
one.
"""

# Characters that start a formula in a spreadsheet (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape_controls(text: str, keep: str = "") -> str:
    r"""Return text with control and direction characters escaped (`\x1b`, `\u202e`), except those in `keep`.

    More than `MAX_MARKS` marks on one letter are escaped too, because they would cover the neighbouring
    lines.
    """
    if text.isascii() and text.isprintable():
        return text
    shown, marks = list[str](), 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        acts = (_acts(character) and character not in keep) or marks > MAX_MARKS
        shown.append(_escaped(character) if acts else character)
    return "".join(shown)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _ACTING


def for_terminal(text: str) -> str:
    """Return text that cannot move a terminal's cursor, set colours or change the writing direction."""
    return escape_controls(text)


def as_json(document: Any) -> str:
    r"""Return a document as JSON that is safe in a terminal: acting characters are written as `\uXXXX`."""
    written = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return re.sub(r"[^\n -~]", _in_json, written)


def _in_json(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if _acts(found[0]) else found[0]


def for_html(text: str) -> str:
    """Return text that is only text within an HTML element or a quoted attribute."""
    return html.escape(escape_controls(text, keep="\n\t"), quote=True)


def sentence_html(text: str) -> str:
    """Return a sentence as HTML: what it quotes is only text, and between backticks it is code."""
    return _CODE.sub(r"<code>\1</code>", for_html(text))


def for_markdown(text: str) -> str:
    """Return one line of text that is no link, picture, heading, formula or HTML in Markdown."""
    escaped = _MARKDOWN.sub(r"\\\1", escape_controls(text))
    return escaped.replace("&", "&amp;").replace("\\<", "&lt;").replace("\\>", "&gt;")


def for_csv(text: str) -> str:
    """Return a cell that a spreadsheet displays as text and does not compute."""
    return f"'{escape_controls(text)}" if text.lstrip(" ").startswith(_FORMULA) else escape_controls(text)


def for_figure(text: str) -> str:
    """Return text that matplotlib draws literally, without typesetting it as a formula."""
    return escape_controls(text, keep="\n").replace("$", r"\$")
