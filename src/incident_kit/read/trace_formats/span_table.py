"""Tables of spans: ClickHouse's `otel_traces` layout, others with usual names, or any other by a mapping.

Tables may be Parquet, Arrow, CSV or JSON. `otel_traces` is the table of the OpenTelemetry collector's
exporter to ClickHouse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import polars as pl

from incident_kit.errors import ParameterError, SourceError
from incident_kit.read.sources.paths import Source
from incident_kit.read.spans.columns import spans_from
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.read.spans.nested_columns import with_flat_columns
from incident_kit.read.spans.table_columns import NEEDED, USUAL, usual_columns
from incident_kit.read.spans.table_containers import begins_with_spans, read_table
from incident_kit.read.spans.table_rows import DURATIONS_NS, recorded_rows, text_column
from incident_kit.schema import REJECTED, SPANS, conform


def mapped(columns: Mapping[str, str]) -> TraceFormat:
    """Return the dialect of a table whose columns have other names.

    `columns` maps columns of SPANS to the table's columns. A duration names its unit (`duration_ns`,
    `duration_us`, `duration_ms`, `duration_s`), or `end` is given instead. Columns that are not mapped become
    attributes.

    Raises
    ------
    ParameterError
        If it maps a name that is no column of SPANS.
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
    table = with_flat_columns(read_table(source))
    columns = usual_columns(table.columns) if mapping is None else mapping
    usual = USUAL if mapping is None else {}
    missing = [
        columns.get(name, usual.get(name, name)) for name in NEEDED if columns.get(name) not in table.columns
    ]
    if missing:
        raise SourceError(
            f"{source.name} has no column {', '.join(missing)} but {', '.join(table.columns)}; "
            "map it with columns= in Python."
        )
    recorded = recorded_rows(table, columns)
    needed = pl.col("trace_id", "span_id", "start_ns")
    whole = recorded.select(pl.all_horizontal(needed.is_not_null())).to_series()
    return SpanBatch(spans_from(recorded.filter(whole)), _rejected(source, table, ~whole))


def _rejected(source: Source, table: pl.DataFrame, refused: pl.Series) -> pl.DataFrame:
    raw = pl.DataFrame(list(map(text_column, table.filter(refused))))
    rejected = raw.select(
        pl.lit(source.name).alias("source"),
        (refused.arg_true() + 1).alias("line_number"),
        pl.struct(pl.all()).struct.json_encode().alias("raw"),
        pl.lit("The row has no trace id, no span id or no start time.").alias("reason"),
    )
    return conform(rejected, REJECTED)


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
