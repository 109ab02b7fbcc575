"""A block: consecutive whole lines of one source, with what is needed to read them on their own."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.read.sources.marks import Marks, Places, find_marks

DIRECTIVES: Mapping[str, bytes] = MappingProxyType({"header": b"#Fields:", "dated": b"#Date:"})
"""The beginnings of W3C extended log lines that hold for all lines below, by the column they become."""


@dataclass(frozen=True)
class Block:
    r"""Whole lines in UTF-8, each ended by `\n`, without byte order marks and carriage returns.

    `first_line` is the number of the first line in the source, from 1. `note` says that the source is damaged
    or that long lines were cut.
    """

    source: str
    first_line: int
    data: bytes
    note: str | None = None
    above: Mapping[str, str] = field(default_factory=dict)
    """For each of the `DIRECTIVES`, the last such line before the block, if there is one."""
    place: tuple[int, int] = (0, 0)
    """The byte offsets in the decompressed source where the block's bytes begin and end."""
    half: tuple[int, str] | None = None
    """The number and the text of a last line that damage cut off; it is not among the lines of the block."""

    @cached_property
    def marks(self) -> Marks:
        """The byte offsets of its quotes and line feeds."""
        return find_marks(self.data)

    @cached_property
    def line_ends(self) -> Places:
        """The byte offset of the line feed that ends each line."""
        return self.marks.line_ends

    def beginning(self, lines: int) -> Block:
        """Return the block up to the end of its first `lines` lines that are not blank."""
        end = 0
        while lines and end < len(self.data):
            begin, end = end, self.data.index(b"\n", end) + 1
            lines -= bool(self.data[begin:end].strip())
        return replace(self, data=self.data[:end])

    def lines(self) -> pl.DataFrame:
        """Return all lines: `line_number` (from 1 in the source), `line`, and the `DIRECTIVES` above each."""
        text = pl.read_lines(io.BytesIO(self.data), name="line") if self.data else pl.DataFrame({"line": []})
        return text.select(
            (pl.int_range(pl.len(), dtype=pl.Int64) + self.first_line).alias("line_number"),
            pl.col("line").cast(pl.String),
            **{
                column: self._above(column) if self._holds(column) else self._inherited(column)
                for column in DIRECTIVES
            },
        )

    def _holds(self, column: str) -> bool:
        """Return whether one of its lines is such a directive."""
        directive = DIRECTIVES[column]
        return self.data.startswith(directive) or b"\n" + directive in self.data

    def _inherited(self, column: str) -> pl.Expr:
        """Return the directive line above the block."""
        return pl.lit(self.above.get(column), dtype=pl.String)

    def _above(self, column: str) -> pl.Expr:
        """Return for each line the directive line that holds for it: the last one above it."""
        own = pl.when(pl.col("line").str.starts_with(DIRECTIVES[column].decode())).then(pl.col("line"))
        return own.forward_fill().fill_null(self._inherited(column))

    def pick(self, rows: npt.NDArray[np.intp]) -> pl.DataFrame:
        """Return the lines at those rows, counted from 0 in the block, in the columns of `lines`.

        A directive holds for the rows after it if it is among them itself.
        """
        ends = self.line_ends
        starts = np.concatenate(([0], ends[:-1] + 1))
        picked = [self.data[starts[row] : ends[row]].decode("utf-8") for row in rows]
        lines = pl.DataFrame(
            {"line_number": rows + self.first_line, "line": picked},
            schema={"line_number": pl.Int64, "line": pl.String},
        )
        return lines.with_columns(**{column: self._above(column) for column in DIRECTIVES})


def last_directives(block: Block) -> dict[str, str]:
    """Return the directive lines that hold at the end of a block."""
    found = {column: _last(block.data, directive) for column, directive in DIRECTIVES.items()}
    return {**block.above, **{column: line for column, line in found.items() if line}}


def _last(data: bytes, directive: bytes) -> str | None:
    """Return the last line that begins with a directive."""
    at = data.rfind(b"\n" + directive) + 1
    return data[at : data.index(b"\n", at)].decode() if at or data.startswith(directive) else None
