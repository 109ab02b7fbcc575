r"""The fast way of taking lines apart: cut at every double quote, and prove each piece.

A CSV engine with the quote as separator and quoting off cuts a block of lines; with quoting off no quote can
swallow a line end. A line is proven when
- its pieces and the quotes between them are exactly as long as the line (so there are as many quotes as there
  should be), and
- every piece matches the template with plain values only: nothing escaped, no lists, a well-formed request.

Pieces repeat from line to line (the agent, the upstream, the request line), so all that can be said of one
piece alone is worked out once for each of its distinct texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import numpy as np
import polars as pl

from incident_kit.distinct import Lexicon
from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.pieces import CELL, Piece
from incident_kit.read.parsing.plan import Plan, with_steps
from incident_kit.read.parsing.shares import Share, share_out

PROVEN = "proven"
LINE_NUMBER = "line_number"


@dataclass(frozen=True)
class Part:
    """What one piece says of each line; or of each distinct text, and `places` tells which a line has."""

    rows: pl.DataFrame
    places: pl.Series | None = None

    def proven(self) -> pl.Series:
        """Return for each line whether the piece is what the template says."""
        proven = self.rows[PROVEN]
        return proven if self.places is None else proven.gather(self.places)

    def values(self) -> pl.DataFrame:
        """Return the values of each line."""
        values = self.rows.drop(PROVEN)
        return values if self.places is None else values[self.places]


class Cutter:
    """Cuts the lines of a format; what it learns of their pieces it keeps from block to block.

    For one thread only.
    """

    def __init__(self, pieces: Sequence[Piece], plan: Plan) -> None:
        divided = [piece.divisions for piece in pieces]
        shares, self._common = share_out(plan, [part.names for parts in divided for _, part in parts])
        given = iter(shares)
        self._readers = [[(cut, PieceReader(part, next(given))) for cut, part in parts] for parts in divided]
        self._wanted = plan.wanted

    @property
    def categorised(self) -> int:
        """How many texts it has made categories of, at most."""
        return sum(reader.categorised for readers in self._readers for _, reader in readers)

    def read(self, block: Block) -> pl.DataFrame | None:
        """Return the wanted columns of the lines that are proven; None if the block cannot be cut."""
        cells = _cut(block, len(self._readers))
        if cells is None:
            return None
        whole = _has_its_length(cells, block)
        numbers = (whole.arg_true().cast(pl.Int64) + block.first_line).alias(LINE_NUMBER)
        # What is no whole line is nothing to learn from.
        parts = list(self._take_apart(cells if len(numbers) == len(cells) else cells.filter(whole)))
        del cells
        values = pl.concat([numbers.to_frame(), *(part.values() for part in parts)], how="horizontal")
        proven = reduce(and_, (part.proven() for part in parts))
        lines = values if proven.all(ignore_nulls=False) else values.filter(proven)
        return with_steps(lines.lazy(), self._common).select(self._wanted).collect()

    def _take_apart(self, cells: pl.DataFrame) -> Iterator[Part]:
        """Yield what the pieces say."""
        # A cell is dropped when it has been taken apart, because together they are larger than the block.
        columns = cells.get_columns()[::-1]
        del cells
        for readers in self._readers:
            cell = columns.pop().alias(CELL)
            for cut, reader in readers:
                whole = len(readers) == 1
                yield reader.read(cell if whole else cell.to_frame().select(cut).to_series())


class PieceReader:
    """Proves one piece of a line, and works out what is needed of it: once for each text, if it repeats."""

    def __init__(self, piece: Piece, share: Share) -> None:
        self._piece, self._share = piece, share
        self.categorised = 0
        self._lexicon = Lexicon(self._take_apart) if share.needed and piece.text is None else None

    def read(self, cell: pl.Series) -> Part:
        """Return what the cells of the piece say."""
        if self._piece.text is not None:
            return Part((cell == self._piece.text).alias(PROVEN).to_frame())
        if self._lexicon is None or not self._lexicon.pays:
            self._lexicon = None
            return Part(self._take_apart(cell))
        return Part(*self._lexicon.look_up(cell))

    def _take_apart(self, texts: pl.Series) -> pl.DataFrame:
        values = (
            texts.alias(CELL).to_frame().lazy().select(self._piece.proof.alias(PROVEN), *self._piece.values)
        )
        rows = with_steps(values, self._share.steps).select(PROVEN, *self._share.needed).collect().rechunk()
        self.categorised += len(rows) if any(isinstance(one, pl.Categorical) for one in rows.dtypes) else 0
        return rows


def _cut(block: Block, pieces: int) -> pl.DataFrame | None:
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
    return cells if cells.height == len(block.line_ends) else None


def _has_its_length(cells: pl.DataFrame, block: Block) -> pl.Series:
    """Return whether a line's pieces and the quotes between them are all there is of it."""
    lengths = np.diff(block.line_ends, prepend=-1) - 1
    bytes_ = pl.sum_horizontal(pl.all().str.len_bytes())
    return cells.select(bytes_ + (cells.width - 1) == pl.lit(pl.Series(lengths))).to_series()
