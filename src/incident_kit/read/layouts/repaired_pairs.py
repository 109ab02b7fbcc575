"""Repair pairs that are not valid logfmt: keys without values, and values with blanks but no quotes.

Rails writes an error between apostrophes, parameters in braces, and its time as it prints it. `cached
error='not found'` becomes `cached="true" error="'not found'"`.
"""

from __future__ import annotations

import re

# A word with a colon is no key: it is the name of a file or program put before the line.
KEY = r"[A-Za-z_@][\w@.#/$\[\]-]*"
# First try keys without values; then values with blanks, each of which ends before the blanks before the next
# key. The group of these words is not possessive: Python before 3.11.5 matches one with an assertion wrongly.
ONE_WORD, SEVERAL_WORDS = r"[^ \t]*", rf"(?:[^ \t\n]++|[ \t]++(?!{KEY}=|$))*"
LOOSE_PAIRS = tuple(
    re.compile(rf'({KEY})(?:=("(?:[^"\\]|\\.)*"|(?!"){value}))?(?:[ \t]+|$)', re.ASCII)
    for value in (ONE_WORD, SEVERAL_WORDS)
)
# The value of a key without one.
YES = "true"


def repaired_pairs(text: str) -> str:
    """Return a text with all its values in quotes; unchanged if it is not made of pairs."""
    found = (_loose_pairs(text, pattern) for pattern in LOOSE_PAIRS)
    return next((" ".join(pairs) for pairs in found if pairs), text)


def _loose_pairs(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the pairs of a text as valid logfmt; none if any part of it is no pair."""
    place, pairs = 0, list[str]()
    while place < len(text):
        found = pattern.match(text, place)
        if not found:
            return []
        key, value = found[1], YES if found[2] is None else found[2]
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        pairs.append(f"{key}={value}" if value.startswith('"') else f'{key}="{escaped}"')
        place = found.end()
    return pairs
