"""Read files of traces in any known dialect into one frame of spans."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from incident_kit.errors import ParameterError, SourceError, UnknownFormatError
from incident_kit.read.span_columns import spans_from
from incident_kit.read.trace_format import SpanBatch, TraceFormat, TraceSource, known_formats
from incident_kit.read.trace_formats import span_table
from incident_kit.schema import REJECTED, SPANS, empty

# Far enough to meet the keys of a dialect behind a long list of resource attributes or tags.
HEAD_BYTES = 256 * 1024


@dataclass(frozen=True)
class Traces:
    """What was read: `spans` (SPANS), `rejected` (REJECTED) and the dialects it was written in."""

    spans: pl.DataFrame = field(repr=False)
    rejected: pl.DataFrame = field(repr=False)
    trace_format: str

    def __repr__(self) -> str:
        """Return one line with the counts."""
        return (
            f"Traces({self.trace_format}: {self.spans.height:,} spans in "
            f"{self.spans['trace_id'].n_unique():,} traces, {self.rejected.height:,} rejected)"
        )


def read_traces(
    paths: str | Path | Iterable[str | Path],
    *,
    trace_format: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> Traces:
    """Read trace files, each in the dialect it is recognised by, into one frame of spans.

    `trace_format` names the dialect instead of having it recognised. `columns` maps columns of SPANS to
    those of a table (Parquet or CSV) in a layout of its own; see `trace_formats.span_table.mapped`.

    Raises
    ------
    SourceError
        If a path is missing or empty.
    UnknownFormatError
        If no dialect recognises a file.
    ParameterError
        If `trace_format` is none that is known, or `columns` maps what SPANS has not.
    """
    given = span_table.mapped(columns) if columns else _named(trace_format)
    dialects = [(given or _recognised(source), source) for source in _sources(paths)]
    read = [
        SpanBatch(spans_from(batch.spans), batch.rejected)
        for dialect, group in groupby(dialects, key=lambda each: each[0])
        for batch in dialect.batches(source for _, source in group)
    ]
    return Traces(
        pl.concat([empty(SPANS), *(batch.spans for batch in read)]),
        pl.concat([empty(REJECTED), *(batch.rejected for batch in read)]),
        " + ".join(dict.fromkeys(dialect.name for dialect, _ in dialects)),
    )


def _named(name: str | None) -> TraceFormat | None:
    if name is None or name in known_formats():
        return known_formats()[name] if name else None
    raise ParameterError(f"{name!r} is no trace format; known are {', '.join(known_formats())}.")


def _recognised(source: TraceSource) -> TraceFormat:
    with source.open() as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise SourceError(f"{source.name} is empty; give a file that holds traces.")
    for trace_format in known_formats().values():
        if trace_format.recognises(head):
            return trace_format
    raise UnknownFormatError(
        f"{source.name} begins like no known trace format; tried {', '.join(known_formats())}. "
        "Name one with trace_format=, or map a table's columns with columns=."
    )


def _sources(paths: str | Path | Iterable[str | Path]) -> Iterator[TraceSource]:
    for path in [paths] if isinstance(paths, str | Path) else paths:
        if not Path(path).is_file():
            raise SourceError(f"{path} is not a file; give the path of a file of traces.")
        yield TraceSource(str(path), partial(_open, Path(path)))


def _open(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")
