r"""Pairs that are not written as they should be: keys that stand alone, or values with blanks but no quotes.

Rails writes an error between apostrophes, parameters in braces, and its time as it prints it.
"""

from __future__ import annotations

import re

# A word with a colon is no key: it is the name of a file or of a program, put before the line.
KEY = r"[A-Za-z_@][\w@.#/$\[\]-]*"
# With keys that stand alone, or else with blanks in values, which end before the blanks before a key.
WORD, WORDS = r"[^ \t]*", rf"(?:[^ \t\n]++|[ \t]++(?!{KEY}=|$))*+"
LOOSE_PAIRS = tuple(
    re.compile(rf'({KEY})(?:=("(?:[^"\\]|\\.)*"|(?!"){value}))?(?:[ \t]+|$)', re.ASCII)
    for value in (WORD, WORDS)
)
# What a key says that stands alone.
YES = "true"


def as_it_should_be(text: str) -> str:
    """Return a text with all its values between quotes; as it is where it is no pairs."""
    found = (_loose_pairs(text, pattern) for pattern in LOOSE_PAIRS)
    return next((" ".join(pairs) for pairs in found if pairs), text)


def _loose_pairs(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the pairs of a text, each as it should be written; none where it is not all pairs."""
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
