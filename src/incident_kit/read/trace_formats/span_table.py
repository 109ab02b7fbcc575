"""Tables of spans: ClickHouse's `otel_traces` layout as Parquet or CSV, or any other by a mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce

import polars as pl

from incident_kit.errors import ParameterError, SourceError
from incident_kit.read.sources import Source
from incident_kit.read.spans.attribute_text import joined
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.read.spans.map_columns import map_objects, value_objects
from incident_kit.read.spans.table_columns import NEEDED, USUAL, usual_columns
from incident_kit.read.spans.table_containers import begins_with_spans, read_table
from incident_kit.read.spans.times import epoch_ns, epoch_unit
from incident_kit.schema import SPANS

CONVERTED = {"start", "duration_ms", "attributes", "http_status"}
DURATIONS_NS = {"duration_ns": 1, "duration_us": 1e3, "duration_ms": 1e6, "duration_s": 1e9}
# Columns of `otel_traces` that tell of a span's events and links, not of the span.
LEFT_OUT = re.compile(r"^(Events|Links)\b", re.IGNORECASE)
SAYS_NO_MORE = ("", "0", "false", "none", "null")


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


def _reader(columns: Mapping[str, str] | None) -> Callable[[Iterable[Source]], Iterator[SpanBatch]]:
    def batches(sources: Iterable[Source]) -> Iterator[SpanBatch]:
        for source in sources:
            yield _batch(source, columns)

    return batches


def _batch(source: Source, mapping: Mapping[str, str] | None) -> SpanBatch:
    table = read_table(source)
    columns = usual_columns(table.columns) if mapping is None else mapping
    usual = USUAL if mapping is None else {}
    missing = [
        columns.get(name, usual.get(name, name)) for name in NEEDED if columns.get(name) not in table.columns
    ]
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
    start = epoch_ns(found["start"])
    texts = {name: found[name].cast(pl.String) for name in found if name in SPANS.keys() - CONVERTED}
    if "failed" in found:
        is_silent = found["failed"].cast(pl.String).fill_null("").str.to_lowercase().is_in(SAYS_NO_MORE)
        texts["status"] = pl.Series(["error"]).zip_with(~is_silent, pl.Series(["unset"]))
    if "http_status" in found:
        texts["http_status"] = found["http_status"].cast(pl.String)
    times = {"start_ns": start, "duration_ns": _duration_ns(found, start)}
    described = [column for column in table.columns if column not in columns.values()]
    described += [columns["attributes"]] if "attributes" in found else []
    absent = {name: pl.repeat(None, table.height, dtype=pl.String, eager=True) for name in RECORDED}
    columns_read = absent | texts | times | {"attributes": _attributes(table, described)}
    return pl.DataFrame(columns_read, schema_overrides=RECORDED)


def _duration_ns(found: Mapping[str, pl.Series], start: pl.Series) -> pl.Series:
    if "end" in found:
        return epoch_ns(found["end"]) - start
    if "duration" in found:
        return _as_ns(found["duration"], _unit(found["duration"], found["start"]))
    for name in found.keys() & DURATIONS_NS.keys():
        return _as_ns(found[name], DURATIONS_NS[name])
    return pl.repeat(None, len(start), dtype=pl.Int64, eager=True)


def _as_ns(durations: pl.Series, unit_ns: float) -> pl.Series:
    if isinstance(durations.dtype, pl.Duration):
        return durations.dt.total_nanoseconds()
    return (durations.cast(pl.Float64, strict=False) * unit_ns).round().cast(pl.Int64)


def _unit(durations: pl.Series, start: pl.Series) -> float:
    """Return the unit in ns of durations that say none: that of the start, if that is a number.

    Beside calendar times it is the nanosecond, as always in the `Duration` of ClickHouse's `otel_traces`.
    """
    if durations.name == "Duration":
        return 1
    numbers = start.cast(pl.Float64, strict=False) if not start.dtype.is_temporal() else start.clear()
    return epoch_unit(numbers) if numbers.count() else 1


def _attributes(table: pl.DataFrame, described: list[str]) -> pl.Series:
    """Return columns as one JSON object a row; of two members of one name the later column's wins."""
    objects = [_objects(table[name]) for name in described if not LEFT_OUT.match(name)]
    if not objects:
        return pl.repeat(None, table.height, dtype=pl.String, eager=True)
    return reduce(joined, reversed(objects))


def _objects(column: pl.Series) -> pl.Series:
    """Return a column of maps, or of single values under the column's name, as JSON objects of texts."""
    if column.dtype.is_nested():
        return map_objects(column)
    text = column.cast(pl.String).replace("", None)
    if text.count() and text.drop_nulls().str.starts_with("{").all():
        return map_objects(text)
    return value_objects(text)


FORMAT = TraceFormat(
    name="otel-traces-table",
    description="a Parquet, Arrow, CSV or JSON table: ClickHouse's otel_traces, or usual names",
    recognises=begins_with_spans,
    batches=_reader(None),
    sample=(
        b"Timestamp,TraceId,SpanId,ParentSpanId,SpanName,SpanKind,ServiceName,Duration,StatusCode\n"
        b"2018-12-13 14:37:40.000000000,5b8efff798038103d269b633813fc60c,eee19b7ec3c1b174,,GET /,"
        b"Server,shop,1000000000,Unset\n"
    ),
)
