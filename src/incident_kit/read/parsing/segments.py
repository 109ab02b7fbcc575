"""The stretches of a line that are read as one text each: a piece, a part of one, or several together.

A segment begins at a mark (the line's beginning, or the quote before its first piece) or some bytes from one,
and ends where the next one begins. So it holds the quote before it; `lead` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.marks import Places
from incident_kit.read.parsing.pieces import CELL, Piece

Kept = npt.NDArray[np.bool_]
PROVEN = "proven"
CONTINUED = 0b1000_0000, 0b1100_0000
"""A byte of UTF-8 within a character is the first of these, under the second as a mask."""


@dataclass(frozen=True)
class Segment:
    """The pieces of it, and where it begins: `beyond` bytes from a mark; mark 0 is the line's beginning."""

    pieces: tuple[Piece, ...]
    mark: int
    beyond: int = 0
    whole: bool = True

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

    def take_apart(self, texts: pl.Series) -> pl.DataFrame:
        """Return whether each text is proven, `PROVEN`, and the values in it as they were written."""
        parts = [
            cell.alias(CELL).to_frame().lazy().select(piece.proof.alias(PROVEN), *piece.values)
            for piece, cell in zip(self.pieces, self._cells(texts), strict=True)
        ]
        if len(parts) == 1:
            return parts[0].collect()
        frames = pl.collect_all(parts)
        proven = reduce(and_, (frame[PROVEN] for frame in frames))
        return pl.concat([proven.to_frame(), *(frame.drop(PROVEN) for frame in frames)], how="horizontal")

    def _cells(self, texts: pl.Series) -> list[pl.Series]:
        """Cut texts at the quotes between the pieces."""
        if len(self.pieces) == 1:
            return [texts.str.slice(1) if self.lead else texts]
        cells = texts.str.split_exact('"', len(self.pieces) - 1 + self.lead).struct.unnest().get_columns()
        return cells[self.lead :]


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


@dataclass(frozen=True)
class Cut:
    """The lines that are cut: their rows in the block, counted from 0, and a column of texts a segment."""

    rows: npt.NDArray[np.intp]
    texts: list[pl.Series]


def cut(block: Block, quotes: int, segments: Sequence[Segment]) -> Cut:
    """Cut the lines that have so many quotes; those too short for a segment's width are not cut."""
    fit, marks = block.marks.of_lines_with(quotes)
    rows = np.flatnonzero(fit)
    ends = block.line_ends
    starts = np.concatenate((np.zeros(1, ends.dtype), ends[:-1] + 1))
    offsets = np.empty((len(rows), len(segments) + 1), dtype=ends.dtype)
    for place, segment in enumerate(segments):
        mark = marks[:, segment.mark - 1] if segment.mark else starts[fit]
        offsets[:, place] = mark + segment.beyond if segment.beyond else mark
    offsets[:, -1] = marks[:, -1]
    for sound in (_are_long_enough, _begin_characters):
        kept = sound(block.data, offsets, segments)
        if not kept.all():
            rows, offsets = rows[kept], offsets[kept]
    return Cut(rows, _texts(block.data, offsets))


def _are_long_enough(_data: bytes, offsets: Places, segments: Sequence[Segment]) -> Kept:
    """Return for which lines no segment ends before it begins."""
    kept = np.ones(len(offsets), dtype=bool)
    for place, segment in enumerate(segments):
        if segment.beyond:
            before, begin, after = (offsets[:, place + near] for near in (-1, 0, 1))
            kept &= (before <= begin) & (begin <= after)
    return kept


def _begin_characters(data: bytes, offsets: Places, segments: Sequence[Segment]) -> Kept:
    """Return for which lines no segment begins within a character."""
    kept = np.ones(len(offsets), dtype=bool)
    text = np.frombuffer(data, dtype=np.uint8)
    within, mask = CONTINUED
    for place, segment in enumerate(() if data.isascii() else segments):
        if segment.beyond:
            kept &= text[offsets[:, place]] & mask != within
    return kept


def _texts(data: bytes, offsets: Places) -> list[pl.Series]:
    """Return the texts between the places of each row, a column a segment, without copying them."""
    every = offsets.shape[1]
    # What lies between one line's end and the next line's beginning is a text too, which nobody reads.
    flat = np.append(offsets, offsets.dtype.type(len(data)))
    kind = pa.string() if flat.dtype == np.int32 else pa.large_string()
    buffers = [None, pa.py_buffer(flat), pa.py_buffer(data)]
    found = pl.Series(values=pa.Array.from_buffers(kind, len(flat) - 1, buffers))
    return [found.gather_every(every, place) for place in range(every - 1)]
