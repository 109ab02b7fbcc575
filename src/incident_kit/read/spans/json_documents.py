"""JSON files of traces into batches of spans.

Documents are gathered over lines and over files: a frame for each of twenty thousand small files would cost
more than reading them. Few become columns at once, before what they were decoded to falls out of the cache;
many become spans at once, for that is work on whole columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Annotated, Generic, NamedTuple, Protocol, TypeVar

import msgspec
import polars as pl

from incident_kit.read.sources.paths import Source
from incident_kit.read.spans.dialect import SpanBatch
from incident_kit.read.spans.documents import Document, documents, values_on_one_line
from incident_kit.schema import REJECTED, conform

# About a thousand spans, which as objects fit the caches.
PIECE_BYTES = 2**19
# About 32 thousand spans: enough that what it costs to begin work on columns does not matter.
BATCH_BYTES = 16 * 2**20
# A rejected document is kept to be recognised, not to be stored again.
RAW_BYTES = 2000

# The text of a document, or of a part of one.
Buffer = bytes | msgspec.Raw
# An id that every span has to have.
Id = Annotated[str, msgspec.Meta(min_length=1)]
Record = TypeVar("Record")
Span = TypeVar("Span")
# What makes a document or a span unreadable; nesting as deep as no program writes does too.
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


@dataclass(frozen=True)
class Sieve(Generic[Span]):
    """Decodes spans one by one; what is none goes to `refused`, as (the beginning of its text, reason)."""

    decode: Callable[[msgspec.Raw], Span]
    refused: list[tuple[bytes, str]] = field(default_factory=list)

    def __call__(self, raw_spans: Iterable[msgspec.Raw]) -> list[Span]:
        """Return the spans among raw ones."""
        spans: list[Span] = []
        for raw in raw_spans:
            try:
                spans.append(self.decode(raw))
            except UNREADABLE as error:
                self.refused.append((bytes(raw)[:RAW_BYTES], str(error)))
        return spans


class Piece(NamedTuple):
    """Some documents as columns, what of them was rejected (as in REJECTED), and their size in bytes."""

    columns: pl.DataFrame
    rejected: list[tuple[str, int, str, str]]
    size: int


class Sized(Protocol):
    """What has a size in bytes."""

    @property
    def size(self) -> int:
        """The size in bytes."""


SizedThing = TypeVar("SizedThing", bound=Sized)


class Decoded(NamedTuple, Generic[Record]):
    """The records of a document, and what was refused, as (the beginning of its text, reason)."""

    records: list[Record]
    refused: list[tuple[bytes, str]]


@dataclass(frozen=True)
class JsonDialect(Generic[Record, Span]):
    """How one dialect's documents become records, those of some documents columns, and columns spans.

    `decode` raises for a document that it cannot read; one in which only some spans are bad is then read
    by `decode_good`, whose sieve holds those back. `columns` returns a row a span, always of the same types;
    texts may still be bytes. Where pieces of a span may lie anywhere in the files, `batch_bytes` is infinite.
    """

    decode: Callable[[Buffer], Iterable[Record]]
    decode_good: Callable[[Buffer, Sieve[Span]], Iterable[Record]]
    decode_span: Callable[[msgspec.Raw], Span]
    columns: Callable[[list[Record]], pl.DataFrame]
    spans: Callable[[pl.DataFrame], pl.DataFrame]
    batch_bytes: float = BATCH_BYTES

    def batches(self, sources: Iterable[Source]) -> Iterator[SpanBatch]:
        """Yield batches of spans; documents and spans that cannot be read are rejected with the reason."""
        found = _gathered(chain.from_iterable(map(documents, sources)), min(PIECE_BYTES, self.batch_bytes))
        # The first is empty, so that there is one in any case.
        return map(self._batch, _gathered(map(self._piece, chain([[]], found)), self.batch_bytes))

    def _piece(self, held: list[Document]) -> Piece:
        records: list[Record] = []
        rejected: list[tuple[str, int, str, str]] = []
        for source, line_number, content, damage in held:
            found, refused = Decoded([], [(b"", damage)]) if damage else self._read(_readable(content))
            records += found
            rejected += (
                (source, line_number, raw.decode(errors="replace").rstrip(), reason)
                for raw, reason in refused
            )
        return Piece(self.columns(records), rejected, sum(document.size for document in held))

    def _batch(self, pieces: list[Piece]) -> SpanBatch:
        columns = pl.concat(piece.columns for piece in pieces).cast({pl.Binary: pl.String})
        rejected = [each for piece in pieces for each in piece.rejected]
        table = pl.DataFrame(rejected, schema=list(REJECTED), orient="row")
        return SpanBatch(self.spans(columns), conform(table, REJECTED))

    def _read(self, document: bytes) -> Decoded[Record]:
        """Return what a document holds, or where none of it can be read, what its parts hold.

        Some writers put no line break between documents.
        """
        whole = self._decoded(document)
        if whole.records or not whole.refused:
            return whole
        parts = values_on_one_line(document)
        apart = list(map(self._decoded, parts)) if len(parts) > 1 else []
        if not any(records for records, _ in apart):
            return whole
        return Decoded(
            [record for records, _ in apart for record in records],
            [refusal for _, refused in apart for refusal in refused],
        )

    def _decoded(self, document: bytes) -> Decoded[Record]:
        try:
            return Decoded(list(self.decode(document)), [])
        except UNREADABLE as error:
            sieve = Sieve(self.decode_span)
            try:
                return Decoded(list(self.decode_good(document, sieve)), sieve.refused)
            except UNREADABLE:
                return Decoded([], [(document[:RAW_BYTES], str(error))])


def _gathered(things: Iterable[SizedThing], size: float) -> Iterator[list[SizedThing]]:
    """Yield things in lists of about `size` bytes."""
    held: list[SizedThing] = []
    total = 0
    for thing in things:
        held.append(thing)
        total += thing.size
        if total >= size:
            yield held
            held, total = [], 0
    if held:
        yield held


def _readable(document: bytes) -> bytes:
    """Return a document as UTF-8; bytes that are none are replaced visibly."""
    if document.isascii():
        return document
    try:
        document.decode()
    except UnicodeDecodeError:
        return document.decode(errors="replace").encode()
    return document
