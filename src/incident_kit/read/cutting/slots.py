"""Slots: the places of a template where values stand, each with the patterns of the values it accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from incident_kit.read.values.kinds import TEXT, Kind

QUOTED = r'(?:[^"\\]|\\.)*?'
# A value may hold bare quotes, but `" "` (quote, blank, quote) separates two values.
BARE_QUOTES = r'(?:[^"]|"[^" ]|" [^"])*?"?'
PLAIN_QUOTED = r'[^"\\]*?'
UNBOUNDED = ".*?"
WHITESPACE = r"\s"
# The end of a lazy pattern.
GREEDY = re.compile(r"([+*])\?")
RAW = "$"
# A character class, an escape, a syntax sign or a plain character. All but the syntax signs match one
# character.
PATTERN_PART = re.compile(r"\[\^?(?:\\.|[^\]\\])*\]|\\.|\(\?:|.")
SYNTAX = ("(?:", *"()*+?|{}")
# Servers separate values with ASCII blanks and write ASCII digits. Unicode's character classes take three
# times as long to compile, and compiling is most of the time that trying so many formats takes.
IN_ASCII = {
    r"\d": "[0-9]",
    r"\s": r"[\t\n\v\f\r\x20]",
    r"\S": r"[^\t\n\v\f\r\x20]",
    r"\w": "[0-9A-Za-z_]",
}


@dataclass(frozen=True)
class Slot:
    """A place in a line where the value called `name` stands."""

    name: str
    kind: Kind = TEXT
    quoted: bool = False

    def pattern(self, *, loose: bool = False) -> str:
        """Return the pattern of any legal value; a loose one lets a quoted value hold bare quotes."""
        if self.kind.pattern:
            return self.kind.pattern
        if self.quoted:
            return BARE_QUOTES if loose else QUOTED
        return r"\S*?"

    @property
    def plain(self) -> str:
        """The pattern of values that need neither unescaping nor splitting."""
        return self.kind.proof or (PLAIN_QUOTED if self.quoted else r'[^\s"\\]*?')

    def up_to(self, opening: str) -> Slot | None:
        """Return the slot with values that end before `opening`, which begins the next value.

        None if the value itself may hold `opening`.
        """
        own, end = self.kind.pattern, re.escape(opening)
        if own in (None, UNBOUNDED):
            within = rf'(?:[^"\\{end}]|\\.)*' if self.quoted else rf"[^\s{end}]*"
            return self._matching(within, rf'[^{"" if self.quoted else WHITESPACE}"\\{end}]*')
        if any(opening in found[0] for found in re.finditer(own, opening)):
            return None
        return self._matching(GREEDY.sub(r"\1", own), GREEDY.sub(r"\1", self.plain))

    def _matching(self, pattern: str, plain: str) -> Slot:
        return replace(self, kind=replace(self.kind, pattern=pattern, plain=plain))

    @property
    def raw(self) -> str:
        """The column of the raw value, as the server wrote it."""
        return RAW + self.name


Part = str | Slot


def groups(parts: tuple[Part, ...], *, loose: bool = False) -> Iterator[str]:
    """Yield the pattern of each part in order; each slot is a group that matches any legal value."""
    for part in parts:
        yield re.escape(part) if isinstance(part, str) else f"({in_ascii(part.pattern(loose=loose))})"


def plain_groups(parts: tuple[Part, ...], *, capture: bool = True) -> Iterator[str]:
    """Yield the pattern of each part in order; each slot is a group that matches plain values only."""
    begin = "(" if capture else "(?:"
    for part in parts:
        yield re.escape(part) if isinstance(part, str) else f"{begin}{in_ascii(part.plain)})"


@cache
def in_ascii(pattern: str) -> str:
    """Return a pattern whose character classes match ASCII characters only."""
    return re.sub(r"\\.", lambda escape: IN_ASCII.get(escape[0], escape[0]), pattern)


@cache
def may_hold(pattern: str, character: str) -> bool:
    """Return whether any part of a pattern matches a character, so that a value may hold it."""
    parts = (part for part in PATTERN_PART.findall(pattern) if part not in SYNTAX)
    return any(re.fullmatch(part, character) for part in parts)
