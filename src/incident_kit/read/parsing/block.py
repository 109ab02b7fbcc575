"""A stretch of whole lines of one source."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.read.parsing.marks import Marks, Places, find_marks

FIELDS = b"#Fields:"


@dataclass(frozen=True)
class Block:
    r"""Whole lines as UTF-8, each ended by `\n`, without byte order marks and carriage returns."""

    source: str
    first_line: int
    data: bytes
    note: str | None = None
    header: str | None = None
    """The last `#Fields:` line before the block."""
    place: tuple[int, int] = (0, 0)
    """The bytes of the source, as it is decompressed, that it was made of: where they begin and end."""

    @cached_property
    def marks(self) -> Marks:
        """Where its quotes and line feeds stand."""
        return find_marks(self.data)

    @cached_property
    def line_ends(self) -> Places:
        """Where each line ends: the places of the line feeds."""
        return self.marks.line_ends

    def lines(self) -> pl.DataFrame:
        """Return all lines: `line_number` (from 1 in the source), `line`, and the `header` above it."""
        text = pl.read_lines(io.BytesIO(self.data), name="line") if self.data else pl.DataFrame({"line": []})
        return text.select(
            (pl.int_range(pl.len(), dtype=pl.Int64) + self.first_line).alias("line_number"),
            pl.col("line").cast(pl.String),
            self._headers().alias("header"),
        )

    def _headers(self) -> pl.Expr:
        """Return the `#Fields:` line that holds for each line."""
        inherited = pl.lit(self.header, dtype=pl.String)
        if not self.data.startswith(FIELDS) and b"\n" + FIELDS not in self.data:
            return inherited
        own = pl.when(pl.col("line").str.starts_with(FIELDS.decode())).then(pl.col("line"))
        return own.forward_fill().fill_null(inherited)

    def pick(self, rows: npt.NDArray[np.intp]) -> pl.DataFrame:
        """Return the lines of those rows, counted from 0 in the block, as `lines` does."""
        ends = self.line_ends
        starts = np.concatenate(([0], ends[:-1] + 1))
        picked = [self.data[starts[row] : ends[row]].decode("utf-8") for row in rows]
        return pl.DataFrame(
            {"line_number": rows + self.first_line, "line": picked, "header": self.header},
            schema={"line_number": pl.Int64, "line": pl.String, "header": pl.String},
        )


def last_header(block: Block) -> str | None:
    """Return the `#Fields:` line that holds at the end of a block."""
    at = block.data.rfind(b"\n" + FIELDS) + 1
    if not at and not block.data.startswith(FIELDS):
        return block.header
    return block.data[at : block.data.index(b"\n", at)].decode()
