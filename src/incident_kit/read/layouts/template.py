"""Templates: fixed text with slots for values, matched exactly by one regular expression.

The template `$remote_addr "$request" $status` has the parts `$remote_addr`, ` "`, `$request`, `" `,
`$status`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from incident_kit.read.cutting.cutter import Cutter
from incident_kit.read.cutting.pieces import Piece
from incident_kit.read.cutting.plan import FastPath, Planner
from incident_kit.read.cutting.slots import RAW, Part, Slot, groups
from incident_kit.read.layouts.log_format import Layout

__all__ = ["RAW", "Part", "Slot", "Template"]


@dataclass(frozen=True)
class Template(Layout):
    """The parts of a line, in order."""

    parts: tuple[Part, ...]
    loose: bool = False
    escaped: bool = True
    plain_where_proven = True

    def loosened(self) -> Template:
        """Return the template that accepts bare quotes in quoted values, as long as everything else fits."""
        return replace(self, loose=True)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values."""
        return tuple(slot.name for slot in self.slots)

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """The texts between the slots."""
        return tuple(part for part in self.parts if isinstance(part, str))

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Split `line` exactly: add one column for each slot, and `matched`."""
        values = pl.col("line").str.extract_groups(self.expression)
        fields = values.struct.rename_fields([slot.raw for slot in self.slots])
        return lines.with_columns(fields.alias("fields"), matched=self.matches(lines)).unnest("fields")

    @property
    def hint(self) -> pl.Expr:
        """Whether the expression matches."""
        return pl.col("line").str.contains(self.expression)

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits and is one line only.

        A server that is killed, or two that write to one file, leave the beginning of a line and a whole one
        after it. A value that may hold anything would swallow where they meet, and the request would have the
        time of the one and the status of the other.
        """
        line = lines["line"]
        fits = line.str.contains(self.expression).fill_null(value=False)
        if not self.once or not fits.any():
            return fits
        pattern, times = self.once
        again = line.filter(fits).str.count_matches(pattern) > times
        return fits.scatter(fits.arg_true(), ~again)

    @cached_property
    def once(self) -> tuple[str, int] | None:
        """The pattern of what a line has only so many times: its time in brackets, or all before its quotes.

        None if it has neither, or too little stands before its quotes to tell one line from two.
        """
        if self.times:
            return self.times[0], self.times.count(self.times[0])
        beginning, quote = self._before_quotes()
        slots = [part for part in beginning if isinstance(part, Slot)]
        if not quote or len(slots) < 2 or not any(_is_clock(slot.kind.pattern or "") for slot in slots):
            return None
        return "".join(groups(beginning)) + '"', 1

    def _before_quotes(self) -> tuple[tuple[Part, ...], str]:
        """Return the parts before the first quote, and the quote, if there is one."""
        for place, part in enumerate(self.parts):
            if isinstance(part, str) and '"' in part:
                text, quote, _ = part.partition('"')
                return (*self.parts[:place], *([text] if text else [])), quote
        return self.parts, ""

    @cached_property
    def times(self) -> tuple[str, ...]:
        """The patterns of the times in brackets, together with the fixed text around each."""
        around = zip(("", *self.parts), self.parts, (*self.parts[1:], ""), strict=False)
        return tuple(
            f"{re.escape(before)}(?:{slot.kind.pattern}){re.escape(after)}"
            for before, slot, after in around
            if isinstance(before, str) and isinstance(slot, Slot) and isinstance(after, str)
            if _is_time_in_brackets(before, slot.kind.pattern or "")
        )

    @cached_property
    def expression(self) -> str:
        """The regular expression for the whole line, with a group for each slot."""
        return "^" + "".join(groups(self.parts, loose=self.loose)) + "$"

    def fast_path(self, planner: Planner) -> FastPath | None:
        """Return the fast path, which cuts lines at their quotes; None if the template has no quotes."""
        names = ["line_number", *(slot.raw for slot in self.slots)]
        return Cutter(self.pieces, planner(names)) if self.pieces else None

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts between the quotes; empty if the fixed text has no quotes."""
        pieces: list[list[Part]] = [[]]
        for part in self.parts:
            if isinstance(part, Slot):
                pieces[-1].append(part)
                continue
            first, *others = part.split('"')
            pieces[-1] += [first] if first else []
            pieces += [[text] if text else [] for text in others]
        return tuple(Piece(tuple(piece)) for piece in pieces) if len(pieces) > 1 else ()


def _is_time_in_brackets(before: str, pattern: str) -> bool:
    return _is_clock(pattern) and (before.endswith("[") or pattern.startswith(r"\["))


def _is_clock(pattern: str) -> bool:
    """Return whether values are times: hours and minutes stand beside each other."""
    return r"\d:\d" in pattern or r"}:\d" in pattern
