"""Flatten a table of Jaeger's documents: what it nests in a span becomes columns as other tables have.

The AIOps challenge of 2025 publishes its traces in this form, as Parquet.
"""

from __future__ import annotations

import polars as pl

# Tags that other tables have as columns, and the names of those columns.
TAGS = {
    "span.kind": "span.kind",
    "otel.status_code": "otel.status_code",
    "status.code": "statusCode",
    "error": "error",
}
CHILD_OF = "CHILD_OF"


def with_flat_columns(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table with columns for service, parent and tags added, if it has them nested."""
    flat: dict[str, pl.Expr] = {}
    if "serviceName" in _fields(table, "process", of_list=False):
        flat["serviceName"] = pl.col("process").struct.field("serviceName")
    if {"refType", "spanID"} <= _fields(table, "references"):
        parents, is_parent = (
            pl.element().struct.field("spanID"),
            pl.element().struct.field("refType") == CHILD_OF,
        )
        references = pl.col("references").list
        flat["parentSpanID"] = pl.coalesce(
            references.eval(parents.filter(is_parent)).list.first(), references.eval(parents).list.first()
        )
    if {"key", "value"} <= _fields(table, "tags"):
        flat |= {column: _tag(name) for name, column in TAGS.items()}
    made = table.select(**{name: value for name, value in flat.items() if name not in table.columns})
    return table.hstack([column for column in made if column.null_count() < len(column)])


def _fields(table: pl.DataFrame, column: str, *, of_list: bool = True) -> set[str]:
    """Return the names of the fields in a column of structs or, with `of_list`, of lists of structs."""
    dtype = table.schema.get(column)
    inner = dtype.inner if of_list and isinstance(dtype, pl.List) else dtype
    is_wanted = isinstance(inner, pl.Struct) and isinstance(dtype, pl.List) == of_list
    return {field.name for field in inner.fields} if is_wanted and isinstance(inner, pl.Struct) else set()


def _tag(name: str) -> pl.Expr:
    """Return the value of a tag."""
    key, value = (pl.element().struct.field(field) for field in ("key", "value"))
    return pl.col("tags").list.eval(value.filter(key == name)).list.first()
