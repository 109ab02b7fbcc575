"""What all dialects share: turn the recorded values of spans (RECORDED) into the columns of SPANS.

Attribute values are text in every dialect, as in Zipkin and ClickHouse; arrays and objects are JSON text. So
the same trace gives the same spans from whichever source it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from incident_kit.read.spans.descriptions import NOTHING, Numbers, looked_up
from incident_kit.read.spans.ids import with_plain_ids
from incident_kit.schema import SPANS, conform

# The columns that a dialect delivers. `attributes` are the span's own, `shared` are those of its resource,
# and the own win. Kind and status have the source's spelling. A dialect may add `peer`, `route` and
# `http_status` if the source itself has them.
RECORDED: dict[str, type[pl.DataType]] = {
    "trace_id": pl.String,
    "span_id": pl.String,
    "parent_span_id": pl.String,
    "service": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "start_ns": pl.Int64,
    "duration_ns": pl.Int64,
    "status": pl.String,
    "attributes": pl.String,
    "shared": pl.String,
}

# The numbers are those of OpenTelemetry's enumerations. Kind 0, which has no row, and status 0 mean unset.
# A request and a dependency are Application Insights' types of items.
KINDS = {
    "1": "internal",
    "2": "server",
    "3": "client",
    "4": "producer",
    "5": "consumer",
    "request": "server",
    "dependency": "client",
}
STATUSES = {"0": "unset", "1": "ok", "2": "error"}
ENUMERATIONS = {"kind": KINDS, "status": STATUSES}
# The prefix of an enumeration's names: `SPAN_KIND_SERVER`, `SpanKind.SERVER`, `STATUS_CODE_ERROR`.
ENUMERATION = re.compile(r"^(?:span_?kind|status_?code|rpc)[_.]")
# Only the spans of these kinds have a peer, because the address on a server span is its own. Where the source
# has no kinds, any span may be a call.
CALLING_KINDS = ("client", "producer")
# The host in a URL, without user and port. It names a peer only on a span that is known to be a call, because
# the URL on a server span is that of the server.
HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]+)"


def spans_from(
    recorded: pl.DataFrame, descriptions: pl.DataFrame | None = None, number: Numbers | None = None
) -> pl.DataFrame:
    """Return SPANS from the recorded values: ids in one spelling; route, status and peer from attributes.

    Columns that several spans have in common may be in `descriptions`, in which `number` is each span's row.
    """
    if descriptions is None or number is None:
        whole = looked_up(recorded)
    else:
        whole = recorded.hstack(looked_up(descriptions)[number])
    spans = with_plain_ids(whole).with_columns(_names(whole))
    given = {name: pl.col(name) if name in spans.columns else NOTHING for name in ("route", "peer")}
    status = pl.col("http_status").cast(pl.String) if "http_status" in spans.columns else NOTHING
    is_call = pl.col("kind").is_in(CALLING_KINDS)
    host = pl.when(is_call).then(pl.col("found_url").str.extract(HOST))
    return conform(
        spans.with_columns(
            pl.coalesce("service", "found_service").alias("service"),
            pl.from_epoch("start_ns", time_unit="ns").dt.replace_time_zone("UTC").alias("start"),
            _milliseconds(spans["duration_ns"]).alias("duration_ms"),
            _whole(pl.coalesce(status, "found_status")).cast(pl.Int16, strict=False).alias("http_status"),
            pl.coalesce(given["route"], "found_route").alias("route"),
            pl.when(is_call.fill_null(value=True))
            .then(pl.coalesce("found_peer_name", given["peer"], "found_peer_address", host))
            .alias("peer"),
        ),
        SPANS,
    )


def _names(recorded: pl.DataFrame) -> Iterator[pl.Expr]:
    """Yield the names of kind and status, null for unknown ones. Each distinct spelling is looked up once."""
    spelt = recorded.select(pl.col(ENUMERATIONS.keys()).unique().implode())
    for column, names in ENUMERATIONS.items():
        known = names | {name: name for name in names.values()}
        meant = {each: known.get(ENUMERATION.sub("", each.lower())) for each in spelt[column].item() if each}
        yield pl.col(column).replace_strict(meant, default=None, return_dtype=pl.String)


def _whole(number: pl.Expr) -> pl.Expr:
    """Return numbers as text without a fraction of zeros, which writers without whole numbers add."""
    return number.str.strip_suffix(".0")


def _milliseconds(nanoseconds: pl.Series) -> pl.Series:
    """Return the nearest milliseconds.

    NumPy divides, because polars replaces division by 1e6 with multiplication by 1e-6, which rounds
    differently.
    """
    milliseconds = pl.Series(nanoseconds.to_numpy() / 1e6)
    return milliseconds.fill_nan(None) if nanoseconds.has_nulls() else milliseconds
