"""Zipkin v2 JSON: lists of spans, lists of such lists, or one span a line.

Zipkin lets client and server report under one id, and each in several pieces. Pieces of one side become
one span; the two sides become two, of which the server gets an id of its own and the client as parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial, reduce
from hashlib import blake2b
from operator import or_
from typing import Any

import msgspec
import orjson
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.sources import Source
from incident_kit.read.spans.attribute_lists import FLAT_OBJECT
from incident_kit.read.spans.attribute_text import attributes_json, service_objects
from incident_kit.read.spans.columns import RECORDED, microseconds, spans_from
from incident_kit.read.spans.descriptions import from_tags
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.read.spans.ids import with_plain_ids
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, Sieve, Span

# What only version 1 has: annotations that say where they were made.
FIRST_VERSION = re.compile(rb'"binaryAnnotations"\s*:|"endpoint"\s*:\s*\{')
# What the API answers when no trace was found.
EMPTY_ANSWER = b"[]"
ID = ("trace_id", "span_id")
BESIDES = {"peer": pl.String, "is_server": pl.Boolean}
FLAT = re.compile(FLAT_OBJECT.encode())


class Endpoint(Struct, gc=False):
    """Where a span was recorded, or whom it called."""

    service: str | None = field(default=None, name="serviceName")
    ipv4: str | None = None
    ipv6: str | None = None


class ZipkinSpan(Struct, gc=False):
    """A span, or a piece of one."""

    trace_id: Id = field(name="traceId")
    span_id: Id = field(name="id")
    parent_span_id: str | None = field(default=None, name="parentId")
    name: str | None = None
    kind: str | None = None
    start: int | float | None = field(default=None, name="timestamp")
    duration: int | float | None = None
    local: Endpoint | None = field(default=None, name="localEndpoint")
    remote: Endpoint | None = field(default=None, name="remoteEndpoint")
    shared: bool | None = None
    tags: Raw = Raw(b"{}")


_DECODER = msgspec.json.Decoder(ZipkinSpan | list[ZipkinSpan | list[ZipkinSpan]], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(list[Raw])
_SPAN_DECODER = msgspec.json.Decoder(ZipkinSpan, strict=False)


def _decode(document: Buffer) -> Iterator[ZipkinSpan]:
    return flat(_DECODER.decode(document))


def _decode_good(document: Buffer, sieve: Sieve[ZipkinSpan]) -> Iterator[ZipkinSpan]:
    yield from sieve(raw_spans(document))


def flat(decoded: Span | list[Span | list[Span]]) -> Iterator[Span]:
    """Yield the spans of a list, of a list of lists, or the one that there is."""
    for each in decoded if isinstance(decoded, list) else [decoded]:
        yield from each if isinstance(each, list) else [each]


def raw_spans(document: Buffer) -> Iterator[Raw]:
    """Yield the spans of a list or of a list of lists, as they are written."""
    for each in _LOOSE_DECODER.decode(document):
        yield from _LOOSE_DECODER.decode(each) if bytes(each)[:1] == b"[" else [each]


def zipkin_frame(spans: list[ZipkinSpan]) -> pl.DataFrame:
    """Return what is recorded of spans and pieces of spans, not yet linked."""
    nowhere = Endpoint()
    local, remote = [span.local or nowhere for span in spans], [span.remote or nowhere for span in spans]
    recorded = {
        "trace_id": [span.trace_id for span in spans],
        "span_id": [span.span_id for span in spans],
        "parent_span_id": [span.parent_span_id for span in spans],
        "service": [endpoint.service or None for endpoint in local],
        "name": [span.name for span in spans],
        "kind": [span.kind or None for span in spans],
        "start_ns": microseconds([span.start or None for span in spans]),  # 0 is Zipkin's "not known"
        "duration_ns": microseconds([span.duration for span in spans]),
        "status": None,
        "attributes": [_tags(span.tags) for span in spans],
        "shared": service_objects(endpoint.service for endpoint in local),
        "peer": [endpoint.service or endpoint.ipv4 or endpoint.ipv6 for endpoint in remote],
        "is_server": [_is_server(span) for span in spans],
    }
    return with_plain_ids(pl.DataFrame(recorded, schema=RECORDED | BESIDES, strict=False))


def _is_server(span: ZipkinSpan) -> bool | None:
    """Whether a span is the server's side of its id; without a kind only a shared one is known to be."""
    return span.kind.upper() == "SERVER" if span.kind else (span.shared or None)


def _tags(tags: bytes) -> str:
    """Return tags as an object of texts, which they nearly always are."""
    if FLAT.match(tags):
        return bytes(tags).decode()
    held = orjson.loads(bytes(tags))
    return attributes_json(held if isinstance(held, dict) else {})


def _linked(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans with the pieces under one id merged, and client and server told apart."""
    is_repeated = spans.select(pl.struct(ID).is_duplicated()).to_series()
    if is_repeated.any():
        spans = pl.concat([spans.filter(~is_repeated), _merged(spans.filter(is_repeated))])
        spans = _told_apart(spans)
    # A span without a kind is work within its service.
    return from_tags(spans).with_columns(pl.col("kind").fill_null("internal")).drop("is_server")


def _merged(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return one span for each side of an id; whole spans that were delivered twice are left alone."""
    side = pl.coalesce(
        "is_server",
        pl.col("is_server").max().over(*ID, "service"),
        pl.col("is_server").min().over(*ID),
        pl.lit(value=False),
    )
    sided = pieces.with_columns(side.alias("is_server"))
    is_partial = pl.any_horizontal(pl.col("start_ns", "duration_ns").is_null()).any().over(*ID, "is_server")
    whole, partial = sided.filter(~is_partial), sided.filter(is_partial)
    names = ("parent_span_id", "service", "name", "kind", "status", "peer", "shared")
    merged = partial.group_by(*ID, "is_server", maintain_order=True).agg(
        pl.col(names).drop_nulls().first(),
        pl.col("start_ns").min(),
        pl.col("duration_ns").max(),
        pl.col("attributes"),
    )
    tags = [attributes_json(reduce(or_, map(orjson.loads, each))) for each in merged["attributes"].to_list()]
    merged = merged.with_columns(pl.Series("attributes", tags, dtype=pl.String))
    return pl.concat([whole, merged.select(whole.columns)])


def _told_apart(spans: pl.DataFrame) -> pl.DataFrame:
    """Give the server of a shared id an id of its own below its client, and its children with it."""
    of_side = {
        side: pl.col("service").filter(pl.col("is_server") == (side == "server")).first()
        for side in ("client", "server")
    }
    shared = (
        spans.filter(pl.struct(ID).is_duplicated())
        .group_by(ID)
        .agg(sides=pl.col("is_server").n_unique(), **of_side)
        .filter(pl.col("sides") == 2)
        .drop("sides")
    )
    renamed = [_server_id(*each) for each in shared.select(ID).iter_rows()]
    shared = shared.with_columns(pl.Series("server_id", renamed, dtype=pl.String))
    own = spans.join(shared, on=ID, how="left", maintain_order="left")
    above = spans.join(
        shared, left_on=("trace_id", "parent_span_id"), right_on=ID, how="left", maintain_order="left"
    )
    is_server = own["server_id"].is_not_null() & own["is_server"]
    of_client = (above["service"] == above["client"]) & (above["client"] != above["server"])
    parent = above["server_id"].zip_with(
        above["server_id"].is_not_null() & ~of_client.fill_null(value=False), spans["parent_span_id"]
    )
    return spans.with_columns(
        spans["span_id"].zip_with(~is_server, own["server_id"]),
        parent.zip_with(~is_server, spans["span_id"]).alias("parent_span_id"),
    )


def _server_id(trace_id: str, span_id: str) -> str:
    """Return an id that every file that tells of the span leads to."""
    return blake2b(f"{trace_id}{span_id}".encode(), digest_size=8).hexdigest()


def linked_batches(dialect: JsonDialect[ZipkinSpan, Any], sources: Iterable[Source]) -> Iterator[SpanBatch]:
    """Yield one batch: the pieces of a span may be anywhere."""
    batches = list(dialect.batches(sources))
    spans = _linked(pl.concat(batch.spans for batch in batches))
    yield SpanBatch(spans_from(spans), pl.concat(batch.rejected for batch in batches))


def _recognises(head: bytes) -> bool:
    is_of_spans = b'"traceId"' in head and b'"id"' in head and b'"resourceSpans"' not in head
    return head.strip() == EMPTY_ANSWER or (is_of_spans and not FIRST_VERSION.search(head))


DIALECT = JsonDialect(_decode, _decode_good, _SPAN_DECODER.decode, zipkin_frame)


FORMAT = TraceFormat(
    name="zipkin-json",
    description="Zipkin v2 JSON: lists of spans, lists of such lists, or one span a line",
    recognises=_recognises,
    batches=partial(linked_batches, DIALECT),
    sample=(
        b'[{"traceId":"5b8efff798038103d269b633813fc60c","id":"eee19b7ec3c1b174","kind":"SERVER",'
        b'"name":"GET /","timestamp":1544712660000000,"duration":1000000,'
        b'"localEndpoint":{"serviceName":"shop"}}]'
    ),
)
