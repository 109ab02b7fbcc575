"""A piece: the part of a template between two quotes, how a text is proven to match it, and how it is split.

Piece 2 of nginx's `combined` format has the parts `" "`, `$status`, `" "`, `$body_bytes_sent`, `" "`. The
text ` 200 612 ` matches it, and yields the values `200` and `612`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import polars as pl

from incident_kit.read.cutting.slots import PLAIN_QUOTED, Part, Slot, may_hold, plain_groups
from incident_kit.read.values.kinds import BARE

CELL = "cell"
"""The column of texts that a piece's expressions read."""


@dataclass(frozen=True)
class Piece:
    """The parts between two quotes, in order."""

    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of its raw values."""
        return tuple(part.raw for part in self.parts if isinstance(part, Slot))

    @property
    def text(self) -> str | None:
        """The fixed text of a piece without values, otherwise None."""
        match self.parts:
            case ():
                return ""
            case (str() as text,):
                return text
            case _:
                return None

    @property
    def divisions(self) -> tuple[Piece, Piece, Piece]:
        """The fixed-width front, the middle, and the fixed-width back, as three pieces.

        The front and the back are cut off because they repeat more often: many lines have the same time but
        different addresses before it, or the same status but different sizes after it.
        """
        front = _up_to_value(_of_fixed_width(self.parts))
        back = _up_to_value(_of_fixed_width(self.parts[len(front) :][::-1]))[::-1]
        middle = self.parts[len(front) : len(self.parts) - len(back)]
        if not middle:
            return Piece(()), self, Piece(())
        return Piece(front), Piece(middle), Piece(back)

    @property
    def width(self) -> int:
        """The number of bytes in a piece of fixed width."""
        return sum(
            len(part.encode()) if isinstance(part, str) else part.kind.width or 0 for part in self.parts
        )

    @property
    def proof(self) -> pl.Expr:
        """Whether a cell matches the template with plain values only."""
        cell = pl.col(CELL)
        match self.parts:
            case (Slot() as slot,) if slot.plain == PLAIN_QUOTED:
                return ~cell.str.contains("\\", literal=True)
            case _:
                return cell.str.contains("^" + "".join(plain_groups(self.parts, capture=False)) + "$")

    @property
    def values(self) -> list[pl.Expr]:
        """The raw values in a proven cell, one expression each.

        Values of fixed width are sliced from the cell's ends. In the rest, each value ends where the fixed
        text after it first occurs.
        """
        cell = pl.col(CELL)
        start, rest, found = _fixed(self.parts, cell.str.slice)
        end, rest, last = _fixed(rest[::-1], lambda end, width: cell.str.slice(-end - width, width))
        inner = cell.str.slice(start) if start else cell
        inner = inner.str.head(-end) if end else inner
        return [*found, *_split(inner, rest[::-1]), *last]


def _of_fixed_width(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the leading parts of fixed width."""
    return tuple(takewhile(lambda part: isinstance(part, str) or part.kind.width is not None, parts))


def _up_to_value(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts if there is a value among them, otherwise none.

    Fixed text alone is the same in all lines, so cutting it off gains nothing.
    """
    return parts if any(isinstance(part, Slot) for part in parts) else ()


def _fixed(
    parts: tuple[Part, ...], cut: Callable[[int, int], pl.Expr]
) -> tuple[int, tuple[Part, ...], list[pl.Expr]]:
    """Slice the leading fixed-width parts with `cut`; return their width, the other parts, and the values."""
    leading, at = _of_fixed_width(parts), 0
    values: list[pl.Expr] = []
    for part in leading:
        width = _characters(part)
        if isinstance(part, Slot):
            values.append(cut(at, width).alias(part.raw))
        at += width
    return at, parts[len(leading) :], values


def _characters(part: Part) -> int:
    """Return the number of characters in a part of fixed width."""
    return len(part) if isinstance(part, str) else part.kind.width or 0


def _ends_at_first(slot: Slot, text: str, others: tuple[Part, ...]) -> bool:
    """Return whether a value ends at the first occurrence of `text`; `others` are the parts after that text.

    It does if the value cannot hold the text. It also does if the value's pattern is lazy and the next value
    may hold as much, so that whatever remains fits the next value too. Numbers between signs other than a
    blank are extracted together with one expression instead, which is faster.
    """
    takes_little = slot.plain.endswith("*?")
    if not takes_little and text[0] != " ":
        return False
    held = [may_hold(slot.plain, character) for character in text]
    overlaps = any(text.startswith(text[place:]) for place in range(1, len(text)))
    if not held[0] or not (all(held) or overlaps):
        return True
    following = others[0] if others else None
    if not takes_little or not isinstance(following, Slot) or may_hold(slot.plain, " "):
        return False
    if following.plain == slot.plain:
        return len(others) == 1 or _ends_at_first(following, str(others[1]), others[2:])
    return following.plain == BARE.pattern


def _others_ending_at(text: str, parts: tuple[Part, ...]) -> Iterator[Slot]:
    """Yield the leading values that are each followed by `text` and end at its first occurrence."""
    for place in range(0, len(parts) - 1, 2):
        slot, after, others = parts[place], parts[place + 1], parts[place + 2 :]
        if not isinstance(slot, Slot) or after != text or not _ends_at_first(slot, text, others):
            return
        yield slot


def _split(inner: pl.Expr, parts: tuple[Part, ...]) -> list[pl.Expr]:
    """Split the parts that have no fixed width at the fixed texts between the values."""
    match parts:
        case ():
            return []
        case (Slot() as slot,):
            return [inner.alias(slot.raw)]
        case (Slot() as slot, str() as text, *_) if _ends_at_first(slot, text, parts[2:]):
            run = [slot, *_others_ending_at(text, parts[2:])]
            cells = inner.str.splitn(text, len(run) + 1).struct
            found = [cells.field(f"field_{n}").alias(slot.raw) for n, slot in enumerate(run)]
            return [*found, *_split(cells.field(f"field_{len(run)}"), parts[2 * len(run) :])]
        case _:
            pattern = "^" + "".join(plain_groups(parts)) + "$"
            values = inner.str.extract_groups(pattern).struct
            slots = [part for part in parts if isinstance(part, Slot)]
            return [values.field(str(n)).alias(slot.raw) for n, slot in enumerate(slots, start=1)]
