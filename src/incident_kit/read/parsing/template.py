r"""A line as fixed text with slots in it, and the two ways of taking one apart.

The exact way is one regular expression over the whole line. The fast way cuts a block of lines at every
double quote with a CSV engine, checks that each piece is what the template says, and keeps only the lines
for which that is proven; quoting is off in that engine, so no quote can swallow a line end. A line is
proven when
- its pieces and the quotes between them are exactly as long as the line (so there are as many quotes as there
  should be), and
- every piece matches the template with plain values only: nothing escaped, no lists, a well-formed request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from incident_kit.read.parsing.block import Block
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


@dataclass(frozen=True)
class Template:
    """The parts of a line, in order."""

    parts: tuple[Part, ...]
    loose: bool = False
    escaped: bool = True
    plain_where_proven = True

    def loosened(self) -> Template:
        """Return the template that lets a quoted value hold bare quotes, as long as everything else fits."""
        return replace(self, loose=True)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots, in order."""
        return tuple(part for part in self.parts if isinstance(part, Slot))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values."""
        return tuple(slot.name for slot in self.slots)

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Take `line` apart exactly: add one column a slot, and `matched`."""
        groups = pl.col("line").str.extract_groups(self.expression)
        fields = groups.struct.rename_fields([slot.raw for slot in self.slots])
        return lines.with_columns(fields.alias("fields"), matched=self.matches(lines)).unnest("fields")

    @property
    def hint(self) -> pl.Expr:
        """The expression itself."""
        return pl.col("line").str.contains(self.expression)

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits."""
        return lines["line"].str.contains(self.expression).fill_null(value=False)

    @cached_property
    def expression(self) -> str:
        """The one regular expression for the whole line, a group for each slot."""
        return "^" + "".join(_groups(self.parts, loose=self.loose)) + "$"

    def split_block(self, block: Block) -> pl.LazyFrame | None:
        """Take a block apart fast: `line_number`, one column a slot, and `proven`; None if it cannot."""
        if not self.pieces or not (rows := _cut(block, len(self.pieces))):
            return None
        cells, lengths = rows
        columns = [f"p{i}" for i in range(len(self.pieces))]
        whole = pl.sum_horizontal(pl.col(columns).str.len_bytes()) + (len(columns) - 1) == pl.lit(lengths)
        checks = [_proof(f"p{i}", piece) for i, piece in enumerate(self.pieces)]
        values = [value for i, piece in enumerate(self.pieces) for value in _values(f"p{i}", piece)]
        return cells.lazy().select(
            (pl.int_range(pl.len(), dtype=pl.Int64) + block.first_line).alias("line_number"),
            pl.all_horizontal(whole, *checks).alias("proven"),
            *values,
        )

    @cached_property
    def pieces(self) -> tuple[tuple[Part, ...], ...]:
        """The parts between the quotes; empty where no quotes stand in the fixed text."""
        pieces: list[list[Part]] = [[]]
        for part in self.parts:
            if isinstance(part, Slot):
                pieces[-1].append(part)
                continue
            first, *others = part.split('"')
            pieces[-1] += [first] if first else []
            pieces += [[text] if text else [] for text in others]
        return tuple(tuple(piece) for piece in pieces) if len(pieces) > 1 else ()


def _groups(parts: tuple[Part, ...], *, loose: bool = False, plain: bool = False) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield re.escape(part)
        else:
            yield f"({part.plain if plain else part.pattern(loose=loose)})"


def _cut(block: Block, pieces: int) -> tuple[pl.DataFrame, pl.Series] | None:
    """Cut every line at its quotes; None if the engine's rows are not the lines."""
    cells = pl.read_csv(
        block.data,
        schema={f"p{i}": pl.String for i in range(pieces)},
        has_header=False,
        separator='"',
        quote_char=None,
        truncate_ragged_lines=True,
        missing_columns="insert",
        extra_columns="ignore",
        empty_string_is_null=False,
    )
    lengths = np.diff(block.line_ends, prepend=-1) - 1
    return (cells, pl.Series(lengths)) if cells.height == len(lengths) else None


def _proof(column: str, piece: tuple[Part, ...]) -> pl.Expr:
    """Return whether a piece is what the template says, with plain values only."""
    value = pl.col(column)
    match piece:
        case ():
            return value == ""
        case (str() as text,):
            return value == text
        case (Slot() as slot,) if slot.plain == PLAIN_QUOTED:
            return ~value.str.contains("\\", literal=True)
        case _:
            inner = (re.escape(part) if isinstance(part, str) else f"(?:{part.plain})" for part in piece)
            return value.str.contains("^" + "".join(inner) + "$")


def _values(column: str, piece: tuple[Part, ...]) -> list[pl.Expr]:
    """Return the values in a piece that is proven, each cut out at its place.

    What is of fixed width is counted from the piece's ends; of the rest, each value ends where the fixed text
    after it first occurs.
    """
    value = pl.col(column)
    start, rest, found = _fixed(piece, value.str.slice)
    end, rest, last = _fixed(rest[::-1], lambda end, width: value.str.slice(-end - width, width))
    inner = value.str.slice(start) if start else value
    inner = inner.str.head(-end) if end else inner
    return [*found, *_split(inner, rest[::-1]), *last]


def _fixed(
    parts: tuple[Part, ...], cut: Callable[[int, int], pl.Expr]
) -> tuple[int, tuple[Part, ...], list[pl.Expr]]:
    """Cut out the leading parts of fixed width; return how wide they are, the other parts, and the values."""
    at = 0
    values: list[pl.Expr] = []
    for place, part in enumerate(parts):
        width = len(part) if isinstance(part, str) else part.kind.width
        if width is None:
            return at, parts[place:], values
        if isinstance(part, Slot):
            values.append(cut(at, width).alias(part.raw))
        at += width
    return at, (), values


def _ends_at_first(slot: Slot, text: str) -> bool:
    """Return whether a value ends where `text` first occurs: it takes little, or holds no space."""
    return slot.plain.endswith("*?") or (text[0] == " " and " " not in slot.plain)


def _others_ending_at(text: str, parts: tuple[Part, ...]) -> Iterator[Slot]:
    """Yield the leading values after each of which `text` stands and first occurs."""
    for slot, after in zip(parts[::2], parts[1::2], strict=False):
        if not isinstance(slot, Slot) or after != text or not _ends_at_first(slot, text):
            return
        yield slot


def _split(inner: pl.Expr, parts: tuple[Part, ...]) -> list[pl.Expr]:
    """Split what is left at the fixed texts between the values."""
    match parts:
        case ():
            return []
        case (Slot() as slot,):
            return [inner.alias(slot.raw)]
        case (Slot() as slot, str() as text, *_) if _ends_at_first(slot, text):
            run = [slot, *_others_ending_at(text, parts[2:])]
            cells = inner.str.splitn(text, len(run) + 1).struct
            found = [cells.field(f"field_{n}").alias(slot.raw) for n, slot in enumerate(run)]
            return [*found, *_split(cells.field(f"field_{len(run)}"), parts[2 * len(run) :])]
        case _:
            pattern = "^" + "".join(_groups(parts, plain=True)) + "$"
            groups = inner.str.extract_groups(pattern).struct
            slots = [part for part in parts if isinstance(part, Slot)]
            return [groups.field(str(n)).alias(slot.raw) for n, slot in enumerate(slots, start=1)]
