"""Segments: the stretches of a line that are each looked up as one text. `cutter` draws an example.

A segment begins at a mark (the line feed before the line, or the quote before its first piece) or a fixed
number of bytes from one, and ends where the next segment begins. A segment that begins at a quote includes
it.
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
    """One or more pieces, and the place where they begin: `beyond` bytes from the mark numbered `mark`.

    Mark 0 is the line feed before the line. A segment is `whole` if it holds whole pieces, so that it can be
    joined to its neighbours.
    """

    pieces: tuple[Piece, ...]
    mark: int
    beyond: int = 0
    whole: bool = True

    @property
    def offset(self) -> int:
        """Bytes from the mark to the first byte; a line begins one byte after the line feed before it."""
        return self.beyond + (self.mark == 0)

    @property
    def lead(self) -> int:
        """Bytes of the text before the first piece: 1 for its opening quote, otherwise 0."""
        return int(self.mark > 0 and not self.beyond)

    @property
    def names(self) -> list[str]:
        """The columns of its raw values."""
        return [name for piece in self.pieces for name in piece.names]

    @property
    def text(self) -> str | None:
        """The fixed text of a segment without values, otherwise None."""
        texts = [piece.text for piece in self.pieces]
        known = [text for text in texts if text is not None]
        return self.lead * '"' + '"'.join(known) if len(known) == len(texts) else None

    def joined(self, other: Segment) -> Segment:
        """Return this segment and the next one as one segment."""
        return replace(self, pieces=(*self.pieces, *other.pieces))

    def take_apart(self, texts: pl.Series, used: Collection[str]) -> pl.DataFrame:
        """Return for each text whether it is proven (`PROVEN`), and its raw values that are `used`."""
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
    """Return the smallest segments: one for each piece, with its fixed-width ends as segments of their own.

    Pieces of fixed text only are joined to a neighbour.
    """
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
    """Join pieces of fixed text to the piece before them, or if there is none, to the piece after them."""
    found: list[Segment] = []
    for segment in segments:
        fixed = segment.text is not None or (found and found[-1].text is not None)
        if found and fixed and segment.whole and found[-1].whole:
            found[-1] = found[-1].joined(segment)
        else:
            found.append(segment)
    return found
