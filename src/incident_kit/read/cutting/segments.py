"""The stretches of a line that are read as one text each: a piece, a part of one, or several together.

A segment begins at a mark (the line's beginning, or the quote before its first piece) or some bytes from one,
and ends where the next one begins. So it holds the quote before it; `lead` says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_

import polars as pl

from incident_kit.read.cutting.pieces import CELL, Piece

PROVEN = "proven"


@dataclass(frozen=True)
class Segment:
    """The pieces of it, and where it begins: `beyond` bytes from a mark; mark 0 is the line's beginning."""

    pieces: tuple[Piece, ...]
    mark: int
    beyond: int = 0
    whole: bool = True

    @property
    def offset(self) -> int:
        """How far from its mark it begins; a line begins after the line feed before it."""
        return self.beyond + (self.mark == 0)

    @property
    def lead(self) -> int:
        """How many bytes of the text stand before the first piece: its quote, or nothing."""
        return int(self.mark > 0 and not self.beyond)

    @property
    def names(self) -> list[str]:
        """The columns of the values, as they were written."""
        return [name for piece in self.pieces for name in piece.names]

    @property
    def text(self) -> str | None:
        """The text of a segment without values."""
        texts = [piece.text for piece in self.pieces]
        known = [text for text in texts if text is not None]
        return self.lead * '"' + '"'.join(known) if len(known) == len(texts) else None

    def joined(self, other: Segment) -> Segment:
        """Return the segment and the next one as one."""
        return replace(self, pieces=(*self.pieces, *other.pieces))

    def take_apart(self, texts: pl.Series, used: Collection[str]) -> pl.DataFrame:
        """Return whether each text is proven, `PROVEN`, and those values in it that are used, as written."""
        parts = [
            cell.alias(CELL).to_frame().lazy().select(piece.proof.alias(PROVEN), *_used(piece, used))
            for piece, cell in zip(self.pieces, self._cells(texts), strict=True)
        ]
        if len(parts) == 1:
            return parts[0].collect(engine="in-memory")
        frames = pl.collect_all(parts, engine="in-memory")
        proven = reduce(and_, (frame[PROVEN] for frame in frames))
        return proven.to_frame().hstack([frame[name] for frame in frames for name in frame.columns[1:]])

    def _cells(self, texts: pl.Series) -> list[pl.Series]:
        """Cut texts at the quotes between the pieces."""
        if len(self.pieces) == 1:
            return [texts.str.slice(1) if self.lead else texts]
        cells = texts.str.split_exact('"', len(self.pieces) - 1 + self.lead).struct.unnest().get_columns()
        return cells[self.lead :]


def _used(piece: Piece, names: Collection[str]) -> list[pl.Expr]:
    return [value for value in piece.values if value.meta.output_name() in names]


def segments_of(pieces: Iterable[Piece]) -> list[Segment]:
    """Return the smallest segments: a piece each, its ends of fixed width apart, no fixed text alone."""
    found: list[Segment] = []
    for number, piece in enumerate(pieces):
        front, middle, back = piece.divisions
        divided = middle != piece
        if front.parts:
            found.append(Segment((front,), number, whole=False))
        beyond = front.width + (number > 0) if front.parts else 0
        found.append(Segment((middle,), number, beyond, whole=not divided))
        if back.parts:
            found.append(Segment((back,), number + 1, -back.width, whole=False))
    return _with_fixed_text(found)


def _with_fixed_text(segments: Sequence[Segment]) -> list[Segment]:
    """Join pieces that are fixed text to the piece before them, or else after them."""
    found: list[Segment] = []
    for segment in segments:
        fixed = segment.text is not None or (found and found[-1].text is not None)
        if found and fixed and segment.whole and found[-1].whole:
            found[-1] = found[-1].joined(segment)
        else:
            found.append(segment)
    return found
