"""Sources whose lines a runtime or a log shipper has wrapped, opened as what is inside.

For example OTLP JSON that a collector printed, in the files that Docker or Kubernetes keep of its output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from io import BufferedIOBase

import polars as pl

from incident_kit.read.parsing.detection import SAMPLE_LINES
from incident_kit.read.parsing.wrapper_table import WRAPPERS, Wrapper
from incident_kit.read.parsing.wrappers import DEEPEST, count_wrapped, goes_on, unwrap
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.paths import Source
from incident_kit.read.sources.stream_of import stream_of

# How much of a source is unwrapped at a time.
CHUNK_BYTES = 2**20
OPENS = r"^\s*\[*\s*\{"


@dataclass(frozen=True)
class WrappedSource(Source):
    """A source that is opened as the lines inside the wrappers, which are given outermost first."""

    wrapped: Source = field(repr=False)
    wrappers: tuple[Wrapper, ...] = field(repr=False)

    @contextmanager
    def open(self) -> Iterator[BufferedIOBase]:
        """Open what is inside. Line numbers stay those of the wrapped source."""
        with self.wrapped.open() as stream:
            yield reduce(lambda outer, wrapper: stream_of(_inside(outer, wrapper)), self.wrappers, stream)


def documents_inside(
    head: bytes, source: Source, is_known: Callable[[bytes], object], around: tuple[Wrapper, ...] = ()
) -> tuple[bytes, Source] | None:
    """Return a source without the wrappers around its JSON documents, and its beginning; None without any.

    `head` is the beginning of the wrapped source. `is_known` says whether the beginning of what is inside is
    of a known format.
    """
    block = _clean(source.name, b"\n".join(head.split(b"\n")[:SAMPLE_LINES]))
    for wrapper in _around_documents(block.lines()):
        if is_known(inside := unwrap(block, [wrapper]).block.data):
            return inside, WrappedSource(source.name, source, (*around, wrapper))
    if len(around) + 1 == DEEPEST:
        return None
    counts, most = count_wrapped(block.lines()), len(block.line_ends) / 2
    around_most = (wrapper for count, wrapper in zip(counts, WRAPPERS, strict=True) if count > most)
    apart = ((unwrap(block, [wrapper]).block.data, (*around, wrapper)) for wrapper in around_most)
    found = (documents_inside(inside, source, is_known, wrappers) for inside, wrappers in apart)
    return next(filter(None, found), None)


def _around_documents(lines: pl.DataFrame) -> list[Wrapper]:
    """Return the wrappers in which some line begins a JSON object, those that leave the most first.

    A wrapper that ends at a later bracket of an object, or of a piece of one, leaves less.
    """
    left = lines.select(
        pl.when(wrapper.inside.str.contains(OPENS).any())
        .then(wrapper.inside.str.len_bytes().sum())
        .otherwise(0)
        .alias(str(place))
        for place, wrapper in enumerate(WRAPPERS)
    ).row(0)
    likely = sorted(zip(left, WRAPPERS, strict=True), key=lambda each: -each[0])
    return [wrapper for size, wrapper in likely if size]


def _clean(source: str, lines: bytes) -> Block:
    text = lines.decode(errors="replace").replace("\r\n", "\n").removesuffix("\n")
    return Block(source, 1, text.encode() + b"\n")


def _inside(wrapped: BufferedIOBase, wrapper: Wrapper) -> Iterator[bytes]:
    """Yield what is inside some lines at a time. A line is put together from all its pieces."""
    waiting: list[bytes] = []
    while lines := wrapped.readlines(CHUNK_BYTES):
        waiting += lines
        whole = len(waiting) - _pieces_at_end(waiting, wrapper)
        if whole:
            yield unwrap(_clean("", b"".join(waiting[:whole])), [wrapper]).block.data
        waiting = waiting[whole:]
    if waiting:
        yield unwrap(_clean("", b"".join(waiting)), [wrapper]).block.data


def _pieces_at_end(lines: list[bytes], wrapper: Wrapper) -> int:
    """Return how many of the last lines are, or follow, pieces of a line that has not ended yet."""
    if wrapper.goes_on is None:
        return 0
    read = (
        _clean("", b"".join(lines))
        .lines()
        .select(on=goes_on(wrapper), stream=wrapper.stream)
        .with_row_index()
    )
    ended = pl.col("index").filter(~pl.col("on")).max().over("stream").fill_null(-1)
    waiting = read.filter(pl.col("index") > ended)["index"]
    return len(read) - waiting[0] if len(waiting) else 0
