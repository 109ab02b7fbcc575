"""The fast path for templates: cut lines at their double quotes, and parse each distinct text once.

One regular expression over the whole line is exact, but slow on millions of lines. The fast path instead cuts
every line at byte offsets, and caches what it finds in the texts between, because most of them (agents,
upstreams, request lines) repeat from line to line. A line of nginx's `combined` format, the marks it is cut
at (`^`), the number of the piece and the letter of the segment that each byte belongs to:

     10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612 "-" "curl/8.5"
    ^                                          ^                   ^         ^ ^ ^        ^^
     000000000000000000000000000000000000000000 1111111111111111111 222222222 3 4 55555555
     aaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbccccccccccccccccccccddddddeeeeffffgggggggggg

- mark: the byte offset of a quote or a line feed. Mark 0 is the line feed before the line.
- piece: the part of the template between two quotes (`pieces`).
- segment: a stretch of the line that is looked up as one text (`segments`). It is a piece (c), the front or
  back of a piece that has a fixed width (b, d), what is left of that piece (a, e), or several pieces (f, and
  g with the empty piece 6).
- segment steps: the steps of the plan that depend on one segment alone (`segment_steps`). Method, path and
  route are steps of c; `start_time` needs the time of b and a duration, so it is left to the common steps.
- text cache: what the steps of a segment made of each of its distinct texts (`distinct`).

A line is proven if it has as many quotes as the template, and each of its segments matches the template with
plain values only: nothing escaped, no lists, a well-formed request line. All other lines are left to the
exact path.

Each block is collected with polars' in-memory engine, because the streaming engine takes twice as long to
start and a block is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from threading import Lock

import polars as pl

from incident_kit.distinct import TextCache
from incident_kit.read.cutting.cut_lines import Kept, cut
from incident_kit.read.cutting.joining import join
from incident_kit.read.cutting.pieces import Piece
from incident_kit.read.cutting.plan import Plan, Step, with_steps
from incident_kit.read.cutting.segment_steps import SegmentSteps, split_plan
from incident_kit.read.cutting.segments import PROVEN, Segment, segments_of
from incident_kit.read.sources.block import Block

LINE_NUMBER = "line_number"


@dataclass(frozen=True)
class SegmentRows:
    """What one segment contributes to a block: a row for each line, or a row for each distinct text.

    In the latter case `places` holds, for each line, the index of its row.
    """

    rows: pl.DataFrame
    places: pl.Series | None = None

    def proven(self) -> Kept:
        """Return for each line whether the segment matches the template."""
        proven = self.rows[PROVEN].to_numpy()
        return proven if self.places is None else proven.take(self.places.to_numpy())

    def values(self) -> pl.DataFrame:
        """Return the values of each line."""
        values = pl.DataFrame([column for column in self.rows.get_columns() if column.name != PROVEN])
        return values if self.places is None else values[self.places]


class Cutter:
    """Cut and parse the lines of one format, and keep the caches from block to block."""

    def __init__(self, pieces: Sequence[Piece], plan: Plan) -> None:
        self._quotes, self._plan = len(pieces) - 1, plan
        self._smallest = segments_of(pieces)
        self._readers: list[SegmentReader] = []
        self._common: list[Step] = []
        self._beginning = Lock()

    @property
    def encoded_texts(self) -> int:
        """Upper bound on the number of distinct texts it has dictionary-encoded."""
        return sum(reader.encoded_texts for reader in self._readers)

    def read(self, block: Block) -> pl.DataFrame:
        """Return the wanted columns of the lines that are proven."""
        with self._beginning:
            if not self._readers:
                self._begin(cut(block, self._quotes, self._smallest).texts)
        lines = cut(block, self._quotes, [reader.segment for reader in self._readers])
        numbers = pl.Series(LINE_NUMBER, lines.rows + block.first_line, dtype=pl.Int64)
        parts = [reader.read(texts) for reader, texts in zip(self._readers, lines.texts, strict=True)]
        values = pl.concat([numbers.to_frame(), *(part.values() for part in parts)], how="horizontal")
        proven = reduce(and_, (part.proven() for part in parts))
        kept = values if proven.all() else values.filter(pl.Series(proven))
        return with_steps(kept.lazy(), self._common).select(self._plan.wanted).collect(engine="in-memory")

    def _begin(self, texts: Sequence[pl.Series]) -> None:
        """Choose from the first lines which segments to join, and split the plan among them."""
        segments = join(self._smallest, texts)
        steps, self._common = split_plan(self._plan, [segment.names for segment in segments])
        self._readers = [SegmentReader(*each) for each in zip(segments, steps, strict=True)]


class SegmentReader:
    """Prove one segment and carry out its steps, once for each distinct text as long as the texts repeat."""

    def __init__(self, segment: Segment, steps: SegmentSteps) -> None:
        self.segment, self._steps = segment, steps
        self.encoded_texts = 0
        self._cache = TextCache(self._take_apart) if steps.needed and segment.text is None else None

    def read(self, texts: pl.Series) -> SegmentRows:
        """Return what the segment's texts, one for each line, contribute."""
        if self.segment.text is not None:
            return SegmentRows((texts == self.segment.text).alias(PROVEN).to_frame())
        cache = self._cache
        if cache is None or not cache.pays:
            self._cache = None
            return SegmentRows(self._take_apart(texts))
        return SegmentRows(*cache.look_up(texts))

    def _take_apart(self, texts: pl.Series) -> pl.DataFrame:
        values = self.segment.take_apart(texts, self._steps.used).lazy()
        planned = with_steps(values, self._steps.steps).select(PROVEN, *self._steps.needed)
        rows = planned.collect(engine="in-memory").rechunk()
        self.encoded_texts += len(rows) if any(isinstance(one, pl.Categorical) for one in rows.dtypes) else 0
        return rows
