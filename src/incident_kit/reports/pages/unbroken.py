"""Keep times, and numbers with their units, on one line of a page: `6 min` at its end tells something else.

A browser breaks a line at each space, and after the hyphens of a date.
"""

from __future__ import annotations

import re

_TAG = re.compile(r"(<[^>]*>)")
_DATE = r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?(?: UTC)?"
_UNIT = r"(?:µs|ms|s|min|h|d|pp|%)(?!\w)"
_AMOUNT = rf"\d[\d.,]* {_UNIT}(?: \d+ {_UNIT})*"
_WHOLE = re.compile(rf"(?<![\w.-])(?:{_DATE}|{_AMOUNT})")


def unbroken(fragment: str) -> str:
    """Return HTML in which a line never ends within a date with its time, or a number with its unit.

    Tags stay as they are, and so does the text that is copied from the page.
    """
    parts = _TAG.split(fragment)
    return "".join(part if part.startswith("<") else _WHOLE.sub(_kept, part) for part in parts)


def _kept(found: re.Match[str]) -> str:
    return f'<span class="ik-whole">{found[0]}</span>'
