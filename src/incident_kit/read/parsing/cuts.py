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

import numpy as np
import polars as pl

from incident_kit.distinct import coded, repeats
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

    def of(self, lines: pl.Series) -> pl.DataFrame:
        """Return the values of some lines."""
        values = self.rows.drop(PROVEN)
        return values[lines if self.places is None else self.places.gather(lines)]


def read_cuts(block: Block, pieces: Sequence[Piece], plan: Plan) -> pl.DataFrame | None:
    """Return the wanted columns of the lines that are proven; None if the block cannot be cut."""
    cells = _cut(block, len(pieces))
    if cells is None:
        return None
    proven = _has_its_length(cells, block)
    divided = [piece.divisions for piece in pieces]
    shares, common = share_out(plan, [part.names for parts in divided for _, part in parts])
    # A cell is dropped when it has been taken apart, because together they are larger than the block.
    columns, sharing = cells.get_columns()[::-1], iter(shares)
    del cells
    parts: list[Part] = []
    for divisions in divided:
        cells_of = _divided(columns.pop().alias(CELL), divisions)
        parts += [_take_apart(cell, piece, next(sharing)) for cell, piece in cells_of]
    for part in parts:
        proven &= part.proven()
    lines = proven.arg_true()
    numbers = (lines.cast(pl.Int64) + block.first_line).alias(LINE_NUMBER)
    values = pl.concat([numbers.to_frame(), *(part.of(lines) for part in parts)], how="horizontal")
    return with_steps(values.lazy(), common).select(plan.wanted).collect()


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
    return cells.rechunk() if cells.height == len(block.line_ends) else None


def _has_its_length(cells: pl.DataFrame, block: Block) -> pl.Series:
    """Return whether a line's pieces and the quotes between them are all there is of it."""
    lengths = np.diff(block.line_ends, prepend=-1) - 1
    bytes_ = pl.sum_horizontal(pl.all().str.len_bytes())
    return cells.select(bytes_ + (cells.width - 1) == pl.lit(pl.Series(lengths))).to_series()


def _divided(
    cell: pl.Series, divisions: Sequence[tuple[pl.Expr, Piece]]
) -> Iterator[tuple[pl.Series, Piece]]:
    """Yield the cells of the pieces that a cell is divided into."""
    for cut, piece in divisions:
        yield cell if len(divisions) == 1 else cell.to_frame().select(cut).to_series(), piece


def _take_apart(cell: pl.Series, piece: Piece, share: Share) -> Part:
    """Prove a piece in every line, and work out what is needed of it."""
    if piece.text is not None:
        return Part((cell == piece.text).alias(PROVEN).to_frame())
    many = coded(cell) if share.needed and repeats(cell) else None
    texts = cell if many is None else many.values
    values = texts.alias(CELL).to_frame().lazy().select(piece.proof.alias(PROVEN), *piece.values)
    rows = with_steps(values, share.steps).select(PROVEN, *share.needed).collect()
    return Part(rows, None if many is None else many.places)
