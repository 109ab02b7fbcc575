"""The slots of a template: places in a line where values stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from incident_kit.read.values.kinds import TEXT, Kind

QUOTED = r'(?:[^"\\]|\\.)*?'
# A quote, a blank and a quote stand between two values.
BARE_QUOTES = r'(?:[^"]|"[^" ]|" [^"])*?"?'
PLAIN_QUOTED = r'[^"\\]*?'
UNBOUNDED = ".*?"
WHITESPACE = r"\s"
# What a value that takes little ends with in a pattern.
GREEDY = re.compile(r"([+*])\?")
RAW = "$"
# A class, an escape, a sign of the syntax or a character, of which each but the signs matches one character.
PATTERN_PART = re.compile(r"\[\^?(?:\\.|[^\]\\])*\]|\\.|\(\?:|.")
SYNTAX = ("(?:", *"()*+?|{}")
# Servers part values with spaces of ASCII and count with its digits. The classes of all Unicode's take three
# times as long to compile, which is most of what trying so many formats takes.
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
        """Return the pattern of any value; a loose one lets a quoted value hold bare quotes."""
        if self.kind.pattern:
            return self.kind.pattern
        if self.quoted:
            return BARE_QUOTES if loose else QUOTED
        return r"\S*?"

    @property
    def plain(self) -> str:
        """The pattern of values that can be taken as they stand."""
        return self.kind.proof or (PLAIN_QUOTED if self.quoted else r'[^\s"\\]*?')

    def up_to(self, opening: str) -> Slot | None:
        """Return the slot of a value that ends where the next one opens; None if it may hold that itself."""
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
        """The column of the value as it was written."""
        return RAW + self.name


Part = str | Slot


def groups(parts: tuple[Part, ...], *, loose: bool = False) -> Iterator[str]:
    """Yield the patterns of the parts in their order, any value of a slot in a group."""
    for part in parts:
        yield re.escape(part) if isinstance(part, str) else f"({in_ascii(part.pattern(loose=loose))})"


def plain_groups(parts: tuple[Part, ...], *, capture: bool = True) -> Iterator[str]:
    """Yield the patterns of the parts in their order, slots with values that can be taken as they stand."""
    begin = "(" if capture else "(?:"
    for part in parts:
        yield re.escape(part) if isinstance(part, str) else f"{begin}{in_ascii(part.plain)})"


@cache
def in_ascii(pattern: str) -> str:
    """Return a pattern whose classes hold characters of ASCII only."""
    return re.sub(r"\\.", lambda escape: IN_ASCII.get(escape[0], escape[0]), pattern)


@cache
def may_hold(pattern: str, character: str) -> bool:
    """Return whether a value of a pattern may hold a character: whether any part of it matches that."""
    parts = (part for part in PATTERN_PART.findall(pattern) if part not in SYNTAX)
    return any(re.fullmatch(part, character) for part in parts)
