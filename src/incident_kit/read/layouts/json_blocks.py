"""The fast path for JSON lines: cut lines of the commonest shape, parse the others one shape at a time.

A program that writes most lines in one shape has these cut as a template's lines are (`cutter`). Lines of
other shapes are split into tokens (`json_tokens`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.read.cutting.cutter import LINE_NUMBER, Cutter
from incident_kit.read.cutting.plan import Plan, Planner
from incident_kit.read.layouts.json_shapes import (
    COMPLETE,
    NEEDLESS_ESCAPES,
    Decode,
    Ours,
    Shape,
    marked,
    shape_of,
)
from incident_kit.read.layouts.json_tokens import read_by_tokens
from incident_kit.read.sources.block import Block

Rows = npt.NDArray[np.intp]

# JSON strings may hold no character below this one.
SPACE = 0x20
# If half of the lines have another shape, cutting costs twice as much for each line it reads, and tokens are
# as fast.
SAMPLED_LINES, MIN_SHARE = 200, 0.5


class JsonFastPath:
    """The fast path for JSON lines, which keeps the cutters of the commonest shapes and their caches.

    `decode` decodes one line. `ours` returns whether a line belongs to the format, given the names found in
    its shape.
    """

    def __init__(self, decode: Decode, ours: Ours, planner: Planner) -> None:
        self._decode, self._ours, self._planner = decode, ours, planner
        self._cutters: dict[str, Cutter | None] = {}
        self._rows = 0

    @property
    def encoded_texts(self) -> int:
        """Upper bound on the number of distinct texts it has dictionary-encoded."""
        return self._rows + sum(cutter.encoded_texts for cutter in tuple(self._cutters.values()) if cutter)

    def read(self, block: Block) -> pl.DataFrame | None:
        """Return the planned columns of the lines whose shape is proven, in order; None if there are none."""
        rows = _without_control_characters(block)
        common = self._read_commonest(_without_needless_escapes(block), rows)
        if common is not None:
            rows = np.setdiff1d(rows, common[LINE_NUMBER].to_numpy() - block.first_line, assume_unique=True)
        others = None
        if len(rows):
            others = read_by_tokens(block.lines()[rows], self._decode, self._ours, self._planner)
            self._rows += 0 if others is None else len(others)
        frames = [frame for frame in (common, others) if frame is not None]
        return pl.concat(frames).sort(LINE_NUMBER) if frames else None

    def _read_commonest(self, block: Block, rows: Rows) -> pl.DataFrame | None:
        """Return the planned columns of those rows that have the commonest shape, if it is common enough."""
        sampled = rows[np.linspace(0, len(rows) - 1, min(SAMPLED_LINES, len(rows)), dtype=np.intp)]
        lines = [line for line in block.pick(sampled)["line"] if line.startswith("{")]
        ((mark, times),) = Counter(map(marked, lines)).most_common(1) or (("", 0),)
        cutter = self._cutter(mark) if times >= max(1, MIN_SHARE * len(sampled)) else None
        values = None if cutter is None else cutter.read(block)
        if values is None:
            return None
        in_rows = pl.col(LINE_NUMBER).is_in(rows + block.first_line)
        return values.filter(COMPLETE, in_rows).drop(COMPLETE)

    def _cutter(self, mark: str) -> Cutter | None:
        """Return the cutter for lines of a marked shape, or None if the shape cannot be cut."""
        if mark not in self._cutters:
            shape = shape_of(mark, self._decode)
            self._cutters[mark] = None if shape is None else self._cutter_of(shape)
        return self._cutters[mark]

    def _cutter_of(self, shape: Shape) -> Cutter:
        named, complete = shape.steps(self._ours)
        plan = self._planner([LINE_NUMBER, *named])
        whole = Plan((named, complete, *plan.steps), (COMPLETE, *plan.wanted), plan.in_order)
        return Cutter(shape.template.pieces, whole)


def _without_control_characters(block: Block) -> Rows:
    """Return the rows, counted from 0, of the lines without control characters."""
    controls = np.flatnonzero(np.frombuffer(block.data, dtype=np.uint8) < SPACE)
    rows = np.arange(len(block.line_ends))
    if len(controls) == len(rows):
        return rows
    inside = np.setdiff1d(controls, block.line_ends, assume_unique=True)
    return np.delete(rows, np.searchsorted(block.line_ends, inside))


def _without_needless_escapes(block: Block) -> Block:
    # Replacing blindly is safe: if another backslash stands before an escape, it remains, and a line with a
    # backslash is not cut.
    data = block.data
    if b"\\" not in data:
        return block
    for escape, character in NEEDLESS_ESCAPES.items():
        data = data.replace(escape.encode(), character.encode())
    return replace(block, data=data)
