"""Read trace files in any known dialect into one frame of spans."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter

import polars as pl

from incident_kit.errors import ParameterError, UnknownFormatError
from incident_kit.read.parsing.wrapped_source import documents_inside
from incident_kit.read.sources.paths import Paths, Source
from incident_kit.read.sources.readable import Readable
from incident_kit.read.spans.beginnings import peek
from incident_kit.read.spans.dialect import TraceFormat, known_formats
from incident_kit.read.spans.unknown import described
from incident_kit.read.trace_formats import span_table
from incident_kit.schema import REJECTED, SPANS, empty

# A line that begins a JSON document. Behind a wrapper there is none.
OPENING = re.compile(rb"^\s*[{\[]", re.MULTILINE)


@dataclass(frozen=True)
class Traces:
    """What was read: `spans` (SPANS), `rejected` (REJECTED), the dialects' names, and notes."""

    spans: pl.DataFrame = field(repr=False)
    rejected: pl.DataFrame = field(repr=False)
    trace_format: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return one line with the counts."""
        return (
            f"Traces({self.trace_format}: {self.spans.height:,} spans in "
            f"{self.spans['trace_id'].n_unique():,} traces, {self.rejected.height:,} rejected)"
        )


def read_traces(
    paths: Paths,
    *,
    trace_format: str | None = None,
    columns: Mapping[str, str] | None = None,
    seen: Callable[[int], object] | None = None,
) -> Traces:
    """Read trace files, each in the dialect it is recognised by, into one frame of spans.

    Parameters
    ----------
    paths
        Files, globs, directories, URLs or `-`, plain or compressed; one or several.
    trace_format
        The name of the dialect; recognised file by file if None.
    columns
        For a table (Parquet or CSV) in a layout of its own: columns of SPANS, mapped to the table's. A
        duration says its unit (`duration_ns`, `duration_us`, `duration_ms`, `duration_s`).
    seen
        Called with the number of spans of each batch once it is read.

    Raises
    ------
    SourceError
        If a path is missing or empty, or a table lacks the columns that a span needs.
    UnknownFormatError
        If no dialect recognises a file.
    ParameterError
        If `trace_format` is unknown, or `columns` names a column that SPANS does not have.
    """
    batches = []
    for batch in scan_traces(paths, trace_format=trace_format, columns=columns):
        batches.append(batch)
        if seen is not None:
            seen(batch.spans.height)
    return Traces(
        # Analyses look rows up again and again, which is faster in one contiguous chunk.
        pl.concat([empty(SPANS), *(batch.spans for batch in batches)], rechunk=True),
        pl.concat([empty(REJECTED), *(batch.rejected for batch in batches)]),
        " + ".join(dict.fromkeys(batch.trace_format for batch in batches if batch.trace_format)),
        tuple(dict.fromkeys(note for batch in batches for note in batch.notes)),
    )


def scan_traces(
    paths: Paths, *, trace_format: str | None = None, columns: Mapping[str, str] | None = None
) -> Iterator[Traces]:
    """Yield what `read_traces` returns in batches, so that the traces need not fit into memory.

    The spans of one trace may be spread over several batches. Raises what `read_traces` raises.
    """
    given = span_table.mapped(columns) if columns else _named(trace_format)
    sources = Readable(paths)
    dialects = sources.begun(partial(_recognised, given=given))
    for dialect, group in groupby(dialects, key=itemgetter(0)):
        for batch in dialect.batches(map(itemgetter(1), group)):
            yield Traces(batch.spans, batch.rejected, dialect.name)
    if note := sources.note("traces"):
        yield Traces(empty(SPANS), empty(REJECTED), "", (note,))


def _named(name: str | None) -> TraceFormat | None:
    if name is None or name in known_formats():
        return known_formats()[name] if name else None
    raise ParameterError(f"{name!r} is no trace format; known are {', '.join(known_formats())}.")


def _recognised(source: Source, given: TraceFormat | None) -> tuple[TraceFormat, Source]:
    """Return the dialect of a source, and the source without the wrappers around its lines, if it has any."""
    head, source = peek(source)
    candidates = [given] if given else known_formats().values()

    def dialect(beginning: bytes) -> TraceFormat | None:
        return next((each for each in candidates if each.recognises(beginning)), None)

    found = dialect(head)
    is_bare = (found and OPENING.search(head)) or b"\0" in head
    if inside := None if is_bare else documents_inside(head, source, dialect):
        beginning, source = inside
        found = dialect(beginning)
    if known := found or given:
        return known, source
    raise UnknownFormatError(
        f"{source.title} begins like no known trace format but holds {described(head)}. Give traces as "
        f"{', '.join(known_formats())}; in Python trace_format= names a format, and columns= maps a table's "
        "columns."
    )
