"""What stands between two quotes of a template: how it is proven, and how its values are cut out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import polars as pl

from incident_kit.read.cutting.slots import PLAIN_QUOTED, Part, Slot, may_hold, plain_groups
from incident_kit.read.values.kinds import BARE

CELL = "cell"
"""The column that a piece is read from."""


@dataclass(frozen=True)
class Piece:
    """The parts between two quotes."""

    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of its values as they were written."""
        return tuple(part.raw for part in self.parts if isinstance(part, Slot))

    @property
    def text(self) -> str | None:
        """The text of a piece without values."""
        match self.parts:
            case ():
                return ""
            case (str() as text,):
                return text
            case _:
                return None

    @property
    def divisions(self) -> tuple[Piece, Piece, Piece]:
        """What is of fixed width at the front, the rest, and what is at the back: the ends repeat more.

        A time is the same in many lines, next to an address that is not; a status, next to a size.
        """
        front = _up_to_value(_of_fixed_width(self.parts))
        back = _up_to_value(_of_fixed_width(self.parts[len(front) :][::-1]))[::-1]
        middle = self.parts[len(front) : len(self.parts) - len(back)]
        if not middle:
            return Piece(()), self, Piece(())
        return Piece(front), Piece(middle), Piece(back)

    @property
    def width(self) -> int:
        """How many bytes there are in a piece of fixed width."""
        return sum(
            len(part.encode()) if isinstance(part, str) else part.kind.width or 0 for part in self.parts
        )

    @property
    def proof(self) -> pl.Expr:
        """Whether a cell is what the template says, with plain values only."""
        cell = pl.col(CELL)
        match self.parts:
            case (Slot() as slot,) if slot.plain == PLAIN_QUOTED:
                return ~cell.str.contains("\\", literal=True)
            case _:
                return cell.str.contains("^" + "".join(plain_groups(self.parts, capture=False)) + "$")

    @property
    def values(self) -> list[pl.Expr]:
        """The values in a cell that is proven, each cut out at its place.

        What is of fixed width is counted from the cell's ends; of the rest, each value ends where the fixed
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
    """Return parts of fixed width if there is a value among them: text alone tells lines apart by nothing."""
    return parts if any(isinstance(part, Slot) for part in parts) else ()


def _fixed(
    parts: tuple[Part, ...], cut: Callable[[int, int], pl.Expr]
) -> tuple[int, tuple[Part, ...], list[pl.Expr]]:
    """Cut out the leading parts of fixed width; return how wide they are, the other parts, and the values."""
    leading, at = _of_fixed_width(parts), 0
    values: list[pl.Expr] = []
    for part in leading:
        width = _characters(part)
        if isinstance(part, Slot):
            values.append(cut(at, width).alias(part.raw))
        at += width
    return at, parts[len(leading) :], values


def _characters(part: Part) -> int:
    """Return how many characters there are in a part of fixed width."""
    return len(part) if isinstance(part, str) else part.kind.width or 0


def _ends_at_first(slot: Slot, text: str, others: tuple[Part, ...]) -> bool:
    """Return whether a value ends where `text` first occurs, given the parts after that.

    So it is where the value holds no beginning of the text, or where it takes little and the next value may
    hold as much, so that what is left to that fits it too. Numbers between other signs are cut out together,
    which is faster.
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
    """Yield the leading values after each of which `text` stands and first occurs."""
    for place in range(0, len(parts) - 1, 2):
        slot, after, others = parts[place], parts[place + 1], parts[place + 2 :]
        if not isinstance(slot, Slot) or after != text or not _ends_at_first(slot, text, others):
            return
        yield slot


def _split(inner: pl.Expr, parts: tuple[Part, ...]) -> list[pl.Expr]:
    """Split what is left at the fixed texts between the values."""
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
