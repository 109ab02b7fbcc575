"""Cut lines at byte offsets relative to their marks, into one column of texts for each segment.

The texts are views into the block's bytes: only the offsets are computed, no byte is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from incident_kit.read.cutting.segments import Segment
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.marks import Places
from incident_kit.read.sources.scan import is_ascii
from incident_kit.read.sources.zero_copy import series_from_buffers

Kept = npt.NDArray[np.bool_]
# Cut this many texts at a time: larger buffers are returned to the operating system each time, and have to be
# faulted in again page by page.
TEXTS_AT_ONCE = 256 * 1024
CONTINUED = 0b1000_0000, 0b1100_0000
"""A byte inside a UTF-8 character equals the first of these once it is masked with the second."""


@dataclass(frozen=True)
class Cut:
    """The lines that were cut: their rows in the block, from 0, and a column of texts for each segment."""

    rows: npt.NDArray[np.intp]
    texts: list[pl.Series]


def cut(block: Block, quotes: int, segments: Sequence[Segment]) -> Cut:
    """Cut the lines that have `quotes` quotes; leave out lines that are too short for the fixed widths."""
    fit, before = block.marks.of_lines_with(quotes)
    rows, places = np.flatnonzero(fit), block.marks.places
    offsets = np.empty((len(rows), len(segments) + 1), dtype=places.dtype)
    for place, segment in enumerate(segments):
        offsets[:, place] = places[segment.mark :].take(before) + segment.offset
    offsets[:, -1] = places[quotes + 1 :].take(before)
    for sound in (_are_long_enough, _begin_characters):
        kept = sound(block.data, offsets, segments)
        if not kept.all():
            rows, offsets = rows[kept], offsets[kept]
    step = TEXTS_AT_ONCE // offsets.shape[1]
    parts = [_texts(block.data, offsets[at : at + step]) for at in range(0, max(1, len(offsets)), step)]
    return Cut(rows, [pl.concat(column, rechunk=False) for column in zip(*parts, strict=True)])


def _are_long_enough(_data: bytes, offsets: Places, segments: Sequence[Segment]) -> Kept:
    """Return for each line whether no segment ends before it begins."""
    kept = np.ones(len(offsets), dtype=bool)
    for place, segment in enumerate(segments):
        if segment.beyond:
            before, begin, after = (offsets[:, place + near] for near in (-1, 0, 1))
            kept &= (before <= begin) & (begin <= after)
    return kept


def _begin_characters(data: bytes, offsets: Places, segments: Sequence[Segment]) -> Kept:
    """Return for each line whether no segment begins inside a UTF-8 character."""
    kept = np.ones(len(offsets), dtype=bool)
    text = np.frombuffer(data, dtype=np.uint8)
    within, mask = CONTINUED
    for place, segment in enumerate(() if is_ascii(data) else segments):
        if segment.beyond:
            kept &= text[offsets[:, place]] & mask != within
    return kept


def _texts(data: bytes, offsets: Places) -> list[pl.Series]:
    """Return a column for each segment, without a copy; `offsets` has the shape (lines, segments + 1)."""
    every = offsets.shape[1]
    # The flattened offsets also yield a text between the end of one line and the start of the next. It is
    # never read.
    flat = np.append(offsets, offsets.dtype.type(len(data)))
    kind = pa.string() if flat.dtype == np.int32 else pa.large_string()
    buffers = [None, pa.py_buffer(flat), pa.py_buffer(data)]
    found = series_from_buffers(kind, len(flat) - 1, buffers).to_frame()
    columns = (pl.first().gather_every(every, place).alias(str(place)) for place in range(every - 1))
    return found.select(columns).get_columns()
