r"""The fast way of taking lines apart: cut at every double quote, and prove each text between.

Lines with as many quotes as the template has are cut at them, into segments. Such a line is proven when every
segment matches the template with plain values only: nothing escaped, no lists, a well-formed request.

Segments repeat from line to line (the agent, the upstream, the request line), so all that can be said of one
alone is worked out once for each of its distinct texts.

What is asked of polars for a block is asked of its engine in memory: the streaming one takes twice as long to
begin, and a block is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from threading import Lock

import polars as pl

from incident_kit.distinct import Lexicon
from incident_kit.read.cutting.cutting import Kept, cut
from incident_kit.read.cutting.joining import join
from incident_kit.read.cutting.pieces import Piece
from incident_kit.read.cutting.plan import Plan, Step, with_steps
from incident_kit.read.cutting.segments import PROVEN, Segment, segments_of
from incident_kit.read.cutting.shares import Share, share_out
from incident_kit.read.sources.block import Block

LINE_NUMBER = "line_number"


@dataclass(frozen=True)
class Part:
    """What one segment says of each line; or of each distinct text, and `places` tells which a line has."""

    rows: pl.DataFrame
    places: pl.Series | None = None

    def proven(self) -> Kept:
        """Return for each line whether the segment is what the template says."""
        proven = self.rows[PROVEN].to_numpy()
        return proven if self.places is None else proven.take(self.places.to_numpy())

    def values(self) -> pl.DataFrame:
        """Return the values of each line."""
        values = pl.DataFrame([column for column in self.rows.get_columns() if column.name != PROVEN])
        return values if self.places is None else values[self.places]


class Cutter:
    """Cuts the lines of a format; what it learns of their segments it keeps from block to block."""

    def __init__(self, pieces: Sequence[Piece], plan: Plan) -> None:
        self._quotes, self._plan = len(pieces) - 1, plan
        self._smallest = segments_of(pieces)
        self._readers: list[SegmentReader] = []
        self._common: list[Step] = []
        self._beginning = Lock()

    @property
    def categorised(self) -> int:
        """How many texts it has made categories of, at most."""
        return sum(reader.categorised for reader in self._readers)

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
        """Choose what is read as one, as the first lines suggest."""
        segments = join(self._smallest, texts)
        shares, self._common = share_out(self._plan, [segment.names for segment in segments])
        self._readers = [SegmentReader(*each) for each in zip(segments, shares, strict=True)]


class SegmentReader:
    """Proves one segment of a line, and works out what is needed of it: once for each text, if it repeats."""

    def __init__(self, segment: Segment, share: Share) -> None:
        self.segment, self._share = segment, share
        self.categorised = 0
        self._lexicon = Lexicon(self._take_apart) if share.needed and segment.text is None else None

    def read(self, texts: pl.Series) -> Part:
        """Return what the texts of the segment say."""
        if self.segment.text is not None:
            return Part((texts == self.segment.text).alias(PROVEN).to_frame())
        lexicon = self._lexicon
        if lexicon is None or not lexicon.pays:
            self._lexicon = None
            return Part(self._take_apart(texts))
        return Part(*lexicon.look_up(texts))

    def _take_apart(self, texts: pl.Series) -> pl.DataFrame:
        values = self.segment.take_apart(texts, self._share.used).lazy()
        planned = with_steps(values, self._share.steps).select(PROVEN, *self._share.needed)
        rows = planned.collect(engine="in-memory").rechunk()
        self.categorised += len(rows) if any(isinstance(one, pl.Categorical) for one in rows.dtypes) else 0
        return rows
