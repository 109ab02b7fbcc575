"""Read JSON files of traces into batches of spans.

Three stages, for speed. A document is decoded to records. A piece, about 0.5 MB of documents, becomes a table
of columns, while its decoded objects are still in the CPU's cache. A batch, about 16 MB of pieces, becomes
SPANS, because work on whole columns has a fixed cost per call. Documents are gathered across lines and files,
because a frame for each of twenty thousand small files would cost more than reading them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Annotated, Generic, NamedTuple, TypeVar

import msgspec
import polars as pl

from incident_kit.read.sources.paths import Source
from incident_kit.read.sources.plain_text import as_utf_8
from incident_kit.read.spans.dialect import SpanBatch
from incident_kit.read.spans.documents import Document, documents
from incident_kit.read.spans.enclosed import enclosed
from incident_kit.schema import REJECTED, conform

# About a thousand spans, whose objects fit into the CPU's caches.
PIECE_BYTES = 2**19
# About 32 thousand spans, enough to make the fixed cost of column operations negligible.
BATCH_BYTES = 16 * 2**20
# Only the beginning of a rejected document is kept, enough to find it in the source.
RAW_BYTES = 2000

# The text of a document or of a part of one.
Buffer = bytes | msgspec.Raw
# An id that every span has to have.
Id = Annotated[str, msgspec.Meta(min_length=1)]
Record = TypeVar("Record")
Span = TypeVar("Span")
# The errors of decoding a document or a span. RecursionError is nesting deeper than any program writes.
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


@dataclass(frozen=True)
class SpanDecoder(Generic[Span]):
    """Decoder of single spans. Refused ones are kept in `refused`, as (the beginning of the text, reason)."""

    decode: Callable[[msgspec.Raw], Span]
    refused: list[tuple[bytes, str]] = field(default_factory=list)

    def __call__(self, raw_spans: Iterable[msgspec.Raw]) -> list[Span]:
        """Return the raw spans that can be decoded."""
        spans: list[Span] = []
        for raw in raw_spans:
            try:
                spans.append(self.decode(raw))
            except UNREADABLE as error:
                self.refused.append((bytes(raw)[:RAW_BYTES], str(error)))
        return spans


class Piece(NamedTuple):
    """Some documents as columns, their rejected parts (as in REJECTED), and their size in bytes."""

    columns: pl.DataFrame
    rejected: list[tuple[str, int, str, str]]
    size: int


DocumentOrPiece = TypeVar("DocumentOrPiece", Document, Piece)


class Decoded(NamedTuple, Generic[Record]):
    """The records of a document and the refused parts, each as (the beginning of its text, reason)."""

    records: list[Record]
    refused: list[tuple[bytes, str]]


@dataclass(frozen=True)
class JsonDialect(Generic[Record, Span]):
    """How one dialect's documents become records, records become columns, and columns become SPANS.

    `decode` raises for a document that it cannot read. If only some of its spans are bad, `decode_readable`
    reads the others, and its span decoder keeps the bad ones. `columns` returns one row a span, always with
    the same types; texts may still be bytes. If the pieces of one span may be anywhere in the files,
    `batch_bytes` is infinite.
    """

    decode: Callable[[Buffer], Iterable[Record]]
    decode_readable: Callable[[Buffer, SpanDecoder[Span]], Iterable[Record]]
    decode_span: Callable[[msgspec.Raw], Span]
    columns: Callable[[list[Record]], pl.DataFrame]
    spans: Callable[[pl.DataFrame], pl.DataFrame]
    batch_bytes: float = BATCH_BYTES

    def batches(self, sources: Iterable[Source]) -> Iterator[SpanBatch]:
        """Yield batches of spans. Unreadable documents and spans are rejected with the reason."""
        return self.batches_of(chain.from_iterable(map(documents, sources)))

    def batches_of(self, found: Iterable[Document]) -> Iterator[SpanBatch]:
        """Yield the same for documents that were found otherwise."""
        # The first piece is empty, so that there is a batch even if the sources hold no document.
        pieces = map(self._piece, chain([[]], chunked(found, min(PIECE_BYTES, self.batch_bytes))))
        return map(self._batch, chunked(pieces, self.batch_bytes))

    def _piece(self, held: list[Document]) -> Piece:
        records: list[Record] = []
        rejected: list[tuple[str, int, str, str]] = []
        for source, line_number, content, damage in held:
            found, refused = Decoded([], [(b"", damage)]) if damage else self._read(as_utf_8(content))
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
        """Return the content of a document or, if none of it can be read, of the documents inside it."""
        whole = self._decoded(document)
        if whole.records or not whole.refused:
            return whole
        apart = [self._decoded(part) for part in enclosed(document) if part != document]
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
            span_decoder = SpanDecoder(self.decode_span)
            try:
                return Decoded(list(self.decode_readable(document, span_decoder)), span_decoder.refused)
            except UNREADABLE:
                return Decoded([], [(document[:RAW_BYTES], str(error))])


def chunked(things: Iterable[DocumentOrPiece], size: float) -> Iterator[list[DocumentOrPiece]]:
    """Yield documents or pieces in lists of at least `size` bytes; the last list may be smaller."""
    held: list[DocumentOrPiece] = []
    total = 0
    for thing in things:
        held.append(thing)
        total += thing.size
        if total >= size:
            yield held
            held, total = [], 0
    if held:
        yield held
