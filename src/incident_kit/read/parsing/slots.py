"""The slots of a template: places in a line where values stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from incident_kit.read.parsing.kinds import TEXT, Kind

QUOTED = r'(?:[^"\\]|\\.)*?'
PLAIN_QUOTED = r'[^"\\]*?'
RAW = "$"


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
            return ".*?" if loose else QUOTED
        return r"\S*?"

    @property
    def plain(self) -> str:
        """The pattern of values that can be taken as they stand."""
        return self.kind.proof or (PLAIN_QUOTED if self.quoted else r'[^\s"\\]*?')

    @property
    def raw(self) -> str:
        """The column of the value as it was written."""
        return RAW + self.name


Part = str | Slot


def groups(parts: tuple[Part, ...], *, loose: bool = False) -> Iterator[str]:
    """Yield the patterns of the parts in their order, any value of a slot in a group."""
    for part in parts:
        yield re.escape(part) if isinstance(part, str) else f"({part.pattern(loose=loose)})"


def plain_groups(parts: tuple[Part, ...], *, capture: bool = True) -> Iterator[str]:
    """Yield the patterns of the parts in their order, slots with values that can be taken as they stand."""
    for part in parts:
        yield re.escape(part) if isinstance(part, str) else f"({'' if capture else '?:'}{part.plain})"
