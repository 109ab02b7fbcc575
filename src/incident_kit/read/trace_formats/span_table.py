"""Tables of spans: ClickHouse's `otel_traces` layout as Parquet or CSV, or any other by a mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from io import BytesIO
from typing import Any

import orjson
import polars as pl

from incident_kit.errors import ParameterError, SourceError
from incident_kit.read.sources import Source
from incident_kit.read.spans.attribute_text import attributes_json, joined
from incident_kit.read.spans.columns import RECORDED, kind_names, spans_from, status_names
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.schema import SPANS, TIME_NS

PARQUET_MAGIC = b"PAR1"
OTEL_TRACES = {
    "trace_id": "TraceId",
    "span_id": "SpanId",
    "parent_span_id": "ParentSpanId",
    "service": "ServiceName",
    "name": "SpanName",
    "kind": "SpanKind",
    "start": "Timestamp",
    "duration_ns": "Duration",
    "status": "StatusCode",
}
NAMED = {"kind": kind_names, "status": status_names}
CONVERTED = {"start", "duration_ms", "attributes"}
# Without these a row is no span; whatever else a table lacks becomes null.
NEEDED = ("trace_id", "span_id", "start")
DURATIONS_NS = {"duration_ns": 1, "duration_us": 1e3, "duration_ms": 1e6, "duration_s": 1e9}
# Columns of `otel_traces` that tell of a span's events and links, not of the span.
LEFT_OUT = re.compile(r"^(Events|Links)\b")
# Epoch times of this century have a size of their own in every unit: (below this, times this is ns).
EPOCH_UNITS = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1_000))
PAIR = re.compile(r"'((?:[^'\\]|\\.)*)':'((?:[^'\\]|\\.)*)'")


def mapped(columns: Mapping[str, str]) -> TraceFormat:
    """Return the dialect of a table whose columns have other names.

    `columns` maps columns of SPANS to the table's; a duration names its unit (`duration_ns`,
    `duration_us`, `duration_ms`, `duration_s`), or `end` is given. Columns not mapped become attributes.

    Raises
    ------
    ParameterError
        If it maps a name that SPANS has not.
    """
    known = {*SPANS, *DURATIONS_NS, "end"}
    unknown = sorted(set(columns) - known)
    if unknown:
        raise ParameterError(f"columns= maps {', '.join(unknown)}; it can map {', '.join(sorted(known))}.")
    return TraceFormat(
        "span-table",
        "a Parquet or CSV table, by a mapping of its columns",
        recognises=lambda _: False,
        batches=_reader(columns),
        sample=b"",
    )


def _reader(columns: Mapping[str, str]) -> Callable[[Iterable[Source]], Iterator[SpanBatch]]:
    def batches(sources: Iterable[Source]) -> Iterator[SpanBatch]:
        for source in sources:
            yield _batch(source, columns)

    return batches


def _table(source: Source) -> pl.DataFrame:
    with source.open() as stream:
        content = stream.read()
    try:
        if content.startswith(PARQUET_MAGIC):
            return pl.read_parquet(BytesIO(content))
        separator = "\t" if b"\t" in content[: content.find(b"\n")] else ","
        return pl.read_csv(content, separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{source.name} is no whole table: {error}; write it again.") from error


def _batch(source: Source, columns: Mapping[str, str]) -> SpanBatch:
    table = _table(source)
    missing = [columns.get(name, name) for name in NEEDED if columns.get(name) not in table.columns]
    if missing:
        raise SourceError(
            f"{source.name} has no column {', '.join(missing)} but {', '.join(table.columns)}; "
            "map it with columns=."
        )
    recorded = _recorded(table, columns)
    needed = pl.col("trace_id", "span_id", "start_ns")
    whole = recorded.select(pl.all_horizontal(needed.is_not_null())).to_series()
    rejected = table.with_row_index("line_number", offset=1).filter(~whole)
    return SpanBatch(
        spans_from(recorded.filter(whole)),
        rejected.select(
            pl.lit(source.name).alias("source"),
            pl.col("line_number").cast(pl.Int64),
            pl.struct(pl.exclude("line_number").cast(pl.String)).struct.json_encode().alias("raw"),
            pl.lit("The row has no trace id, no span id or no start time.").alias("reason"),
        ),
    )


def _recorded(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    found = {name: table[column] for name, column in columns.items() if column in table.columns}
    start = _epoch_ns(found["start"])
    texts = {name: found[name].cast(pl.String) for name in found if name in SPANS.keys() - CONVERTED}
    named = {name: names(found[name]) for name, names in NAMED.items() if name in found}
    times = {"start_ns": start, "duration_ns": _duration_ns(found, start)}
    described = [column for column in table.columns if column not in columns.values()]
    described += [columns["attributes"]] if "attributes" in found else []
    absent = {name: pl.repeat(None, table.height, dtype=pl.String, eager=True) for name in RECORDED}
    columns_read = absent | texts | named | times | {"attributes": _attributes(table, described)}
    return pl.DataFrame(columns_read, schema_overrides=RECORDED)


def _duration_ns(found: Mapping[str, pl.Series], start: pl.Series) -> pl.Series:
    if "end" in found:
        return _epoch_ns(found["end"]) - start
    for name in found.keys() & DURATIONS_NS.keys():
        if isinstance(found[name].dtype, pl.Duration):
            return found[name].dt.total_nanoseconds()
        return (found[name].cast(pl.Float64, strict=False) * DURATIONS_NS[name]).round().cast(pl.Int64)
    return pl.repeat(None, len(start), dtype=pl.Int64, eager=True)


def _epoch_ns(times: pl.Series) -> pl.Series:
    """Return nanoseconds since 1970 for times, for texts of times (UTC unless they say) and for numbers."""
    if isinstance(times.dtype, pl.Datetime):
        return times.cast(TIME_NS if times.dtype.time_zone else pl.Datetime("ns")).to_physical()
    if times.dtype == pl.String and not times.drop_nulls().str.contains(r"^[0-9.]+$").all():
        zoned = times.str.replace("T", " ").str.replace(r"(Z| ?UTC)?$", "+00:00")
        zoned = zoned.str.replace(r"([+-]\d\d:?\d\d)\+00:00$", "$1")
        return zoned.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="ns", strict=False).to_physical()
    if times.dtype == pl.String and not times.str.contains(".", literal=True).any():
        times = times.cast(pl.Int64)
    elif times.dtype == pl.String:
        times = times.cast(pl.Float64)
    unit = next((ns for below, ns in EPOCH_UNITS if (times < below).all()), 1)
    return (times * unit).round().cast(pl.Int64)


def _attributes(table: pl.DataFrame, described: list[str]) -> pl.Series:
    """Return columns as one JSON object a row; of two members of one name the later column's wins."""
    objects = [_objects(table[name]) for name in described if not LEFT_OUT.match(name)]
    if not objects:
        return pl.repeat(None, table.height, dtype=pl.String, eager=True)
    return reduce(joined, reversed(objects))


def _objects(column: pl.Series) -> pl.Series:
    """Return a column of maps, or of single values under the column's name, as JSON objects of texts."""
    if column.dtype.is_nested():
        return pl.Series([attributes_json(_members(value)) for value in column.to_list()], dtype=pl.String)
    text = column.cast(pl.String).replace("", None)
    if text.count() and text.drop_nulls().str.starts_with("{").all():
        return pl.Series([attributes_json(_members_of_text(value or "")) for value in text], dtype=pl.String)
    named = text.to_frame(column.name).select(pl.struct(pl.all()).struct.json_encode()).to_series()
    return named.zip_with(text.is_not_null(), pl.Series(["{}"]))


def _members(value: Any) -> Mapping[str, Any]:
    """Return the members of a map, which comes as a dict, a struct or a list of key and value."""
    if isinstance(value, list):
        return {pair["key"]: pair["value"] for pair in value}
    return {key: held for key, held in (value or {}).items() if held is not None}


def _members_of_text(text: str) -> Mapping[str, Any]:
    """Return the members of a map as ClickHouse prints it (`{'key':'value'}`), or of a JSON object."""
    try:
        return _members(orjson.loads(text))
    except ValueError:
        return {key.replace("\\'", "'"): value.replace("\\'", "'") for key, value in PAIR.findall(text)}


def _recognises(head: bytes) -> bool:
    """Parquet is taken for a table of spans; what it lacks is said when it is read."""
    header = head.partition(b"\n")[0]
    needed = (OTEL_TRACES[name].encode() for name in NEEDED)
    return head.startswith(PARQUET_MAGIC) or all(name in header for name in needed)


FORMAT = TraceFormat(
    name="otel-traces-table",
    description="a Parquet or CSV table in the layout of ClickHouse's otel_traces",
    recognises=_recognises,
    batches=_reader(OTEL_TRACES),
    sample=(
        b"Timestamp,TraceId,SpanId,ParentSpanId,SpanName,SpanKind,ServiceName,Duration,StatusCode\n"
        b"2018-12-13 14:37:40.000000000,5b8efff798038103d269b633813fc60c,eee19b7ec3c1b174,,GET /,"
        b"Server,shop,1000000000,Unset\n"
    ),
)
