"""What the dialects share: from what a source records of a span to the columns of SPANS.

Attribute values are text in every dialect, as Zipkin and ClickHouse keep them, so that the same trace is
the same whichever way it came; arrays and objects are JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from incident_kit.read.spans.descriptions import NOTHING, Numbers, said_by
from incident_kit.read.spans.ids import with_plain_ids
from incident_kit.schema import SPANS, conform

# What a dialect delivers: `attributes` are the span's own, `shared` those of its resource, over which the
# own win; kind and status as they are spelt. It may add `peer`, `route` and `http_status` where the source
# itself has them.
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

# The numbers are OpenTelemetry's enumerations. The first kind and 0 mean that nobody said.
KINDS = {"1": "internal", "2": "server", "3": "client", "4": "producer", "5": "consumer"}
STATUSES = {"0": "unset", "1": "ok", "2": "error"}
ENUMERATIONS = {"kind": KINDS, "status": STATUSES}
# What writers put before such a name: `SPAN_KIND_SERVER`, `SpanKind.SERVER`, `STATUS_CODE_ERROR`.
ENUMERATION = re.compile(r"^(?:span_?kind|status_?code)[_.]")
# The address on a server span is its own. Where the source knows no kinds, any span may be a call.
CALLING_KINDS = ("client", "producer")


def spans_from(
    recorded: pl.DataFrame, descriptions: pl.DataFrame | None = None, number: Numbers | None = None
) -> pl.DataFrame:
    """Return SPANS for what a dialect recorded: ids in one spelling, route, status and peer looked up.

    Columns that several spans have in common may lie in `descriptions`, of which `number` is each span's row.
    """
    if descriptions is None or number is None:
        whole = said_by(recorded)
    else:
        whole = recorded.hstack(said_by(descriptions)[number])
    spans = with_plain_ids(whole).with_columns(_names(whole))
    given = {name: pl.col(name) if name in spans.columns else NOTHING for name in ("route", "peer")}
    status = pl.col("http_status").cast(pl.String) if "http_status" in spans.columns else NOTHING
    is_call = pl.col("kind").is_in(CALLING_KINDS).fill_null(value=True)
    return conform(
        spans.with_columns(
            pl.coalesce("service", "said_service").alias("service"),
            pl.from_epoch("start_ns", time_unit="ns").dt.replace_time_zone("UTC").alias("start"),
            _milliseconds(spans["duration_ns"]).alias("duration_ms"),
            pl.coalesce(status, "said_status").cast(pl.Int16, strict=False).alias("http_status"),
            pl.coalesce(given["route"], "said_route").alias("route"),
            pl.when(is_call)
            .then(pl.coalesce("said_peer_name", given["peer"], "said_peer_address"))
            .alias("peer"),
        ),
        SPANS,
    )


def _names(recorded: pl.DataFrame) -> Iterator[pl.Expr]:
    """Yield kind and status by their names, null for any other; a spelling is looked at once."""
    spelt = recorded.select(pl.col(ENUMERATIONS.keys()).unique().implode())
    for column, names in ENUMERATIONS.items():
        known = names | {name: name for name in names.values()}
        meant = {each: known.get(ENUMERATION.sub("", each.lower())) for each in spelt[column].item() if each}
        yield pl.col(column).replace_strict(meant, default=None, return_dtype=pl.String)


def _milliseconds(nanoseconds: pl.Series) -> pl.Series:
    """Return the nearest ms: polars multiplies by 1e-6 where it is told to divide, which is not the same."""
    milliseconds = pl.Series(nanoseconds.to_numpy() / 1e6)
    return milliseconds.fill_nan(None) if nanoseconds.has_nulls() else milliseconds


def microseconds(times: Sequence[int | float | None]) -> pl.Series:
    """Return nanoseconds for microseconds; where all are whole numbers none goes through a float."""
    if float in set(map(type, times)):
        return (pl.Series(times, dtype=pl.Float64, strict=False) * 1000).cast(pl.Int64, strict=False)
    return pl.Series(times, dtype=pl.Int64, strict=False) * 1000
