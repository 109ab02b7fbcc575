"""Detect wrappers around the lines of a log, and take them off, so that the lines inside can be read.

Line numbers stay those of the wrapped file. A line written in several pieces (CRI's `P`, Docker's 16 KB) is
put together at its last piece. The other pieces are rejected, and their reason says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import polars as pl

from incident_kit.errors import UnknownFormatError
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.detection import SAMPLE_LINES, Detection, detect
from incident_kit.read.parsing.exactly import REJECTS, loosened
from incident_kit.read.parsing.wrapper_table import LINE, LINE_ENDS, WRAPPERS, Wrapper
from incident_kit.read.sources.block import Block

__all__ = ["Bare", "Unwrapping", "Wrapper", "detect_inside", "unwrap"]

# journald and syslog may carry lines that Docker or another runtime has already wrapped.
DEEPEST = 2


@dataclass(frozen=True)
class Unwrapping:
    """The formats detected in a source, and the wrappers around its lines, outermost first."""

    detection: Detection
    wrappers: tuple[Wrapper, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """How many lines can be read; among equals, fewer wrappers rank higher."""
        return self.detection.recognised, -len(self.wrappers)


def detect_inside(block: Block, formats: Sequence[LogFormat]) -> Unwrapping:
    """Detect the format of a source from its first block.

    A wrapper is accepted if more lines can be read inside it.

    Raises
    ------
    UnknownFormatError
        If no format reads the lines, wrapped or not.
    """
    source, sample = block.source, block.beginning(SAMPLE_LINES).lines()
    sample = sample.filter(LINE.str.strip_chars() != "")
    plain, failure = None, UnknownFormatError(source)
    try:
        plain = Unwrapping(detect(sample, formats, source))
        if plain.detection.recognised == plain.detection.sampled:
            return plain
    except UnknownFormatError as error:
        failure = error
    best = _better_inside(plain, sample, formats, source)
    return best or _detect_loosely(sample, formats, source, failure)


def _detect_loosely(
    sample: pl.DataFrame, formats: Sequence[LogFormat], source: str, failure: UnknownFormatError
) -> Unwrapping:
    """Detect the format of lines none of which is written strictly as its format says."""
    loose = [looser for row in formats for looser in loosened(row)]
    if not loose:
        raise failure
    try:
        return Unwrapping(detect(sample, loose, source))
    except UnknownFormatError:
        raise failure from None


def _better_inside(
    best: Unwrapping | None,
    lines: pl.DataFrame,
    formats: Sequence[LogFormat],
    source: str,
    around: tuple[Wrapper, ...] = (),
) -> Unwrapping | None:
    """Return the detection inside whichever wrapper ranks highest, if it beats `best`; otherwise `best`."""
    depth = len(around) + 1
    for wrapper, wrapped in zip(WRAPPERS, count_wrapped(lines), strict=True):
        # Skip wrappers that are around no line, or around too few to beat the best.
        if not wrapped or (best and (wrapped, -depth) <= best.rank):
            continue
        inside = wrapper.inside.str.strip_chars_end(LINE_ENDS)
        inner = lines.with_columns(line=inside).filter(LINE.is_not_null())
        try:
            found = Unwrapping(detect(inner, formats, source), (*around, wrapper))
            best = found if best is None or found.rank > best.rank else best
        except UnknownFormatError:
            if depth < DEEPEST:
                best = _better_inside(best, inner, formats, source, (*around, wrapper))
    return best


def count_wrapped(lines: pl.DataFrame) -> tuple[int, ...]:
    """Return for each wrapper how many of the lines it is around."""
    return lines.select(
        wrapper.inside.is_not_null().sum().alias(str(place)) for place, wrapper in enumerate(WRAPPERS)
    ).row(0)


@dataclass(frozen=True)
class Bare:
    """A block without its wrappers, and the pieces that were merged into a later line.

    `labels` has what the wrappers told of each `line_number`, None if they told nothing.
    """

    block: Block
    pieces: pl.DataFrame
    labels: pl.DataFrame | None = None


def unwrap(block: Block, wrappers: Sequence[Wrapper]) -> Bare:
    """Take the wrappers off a block."""
    pieces, labels = pl.DataFrame(schema=REJECTS), list[pl.DataFrame]()
    for wrapper in wrappers:
        wrapped = block.lines()
        labels += [wrapped.select("line_number", **wrapper.kept)] if wrapper.kept else []
        lines = wrapped.with_columns(
            inner=wrapper.inside.fill_null(LINE)
            .str.strip_chars_end(LINE_ENDS)
            .str.replace_all("\n", " ", literal=True),
            goes_on=goes_on(wrapper),
        )
        if lines["goes_on"].any():
            lines, joined = _put_together(lines.with_columns(stream=wrapper.stream))
            pieces = pl.concat([pieces, joined])
        pieces = pl.concat([pieces, _empty(lines, pieces)])
        block = replace(block, data=("\n".join(lines["inner"]) + "\n").encode())
    return Bare(block, pieces, reduce(pl.DataFrame.with_columns, labels) if labels else None)


def _empty(lines: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Return the lines that hold no line, so that they are rejected; blank lines count as none."""
    empty = lines.filter(pl.col("inner").str.strip_chars() == "", LINE.str.strip_chars() != "")
    known = pl.col("line_number").is_in(pieces["line_number"].implode())
    return empty.filter(~known).select("line_number", "line", reason=pl.lit("It holds no line."))


def goes_on(wrapper: Wrapper) -> pl.Expr:
    """Return whether a line is a piece that the next wrapped line continues."""
    return pl.lit(value=False) if wrapper.goes_on is None else wrapper.goes_on.fill_null(value=False)


def _put_together(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Join the lines of a stream that go on with those that follow, up to the first that does not go on."""
    number = pl.col("goes_on").shift(fill_value=False).not_().cum_sum().over("stream").alias("whole")
    numbered = lines.with_columns(number)
    wholes = numbered.group_by("stream", "whole").agg(pl.col("inner").str.join(""))
    last = pl.struct("stream", "whole").is_last_distinct()
    joined = numbered.drop("inner").join(wholes, on=["stream", "whole"], maintain_order="left")
    joined = joined.with_columns(inner=pl.when(last).then(pl.col("inner")).otherwise(pl.lit("")))
    pieces = (
        joined.filter(pl.col("inner") == "")
        .filter(pl.col("goes_on"))
        .select("line_number", "line", reason=pl.lit("It is a piece of the line that follows."))
    )
    return joined, pieces
