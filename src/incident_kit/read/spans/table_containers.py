"""File formats that may hold a table of spans: how each begins, the columns seen there, and its reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from json import JSONDecoder

import orjson
import polars as pl

from incident_kit.errors import SourceError, first_line
from incident_kit.read.sources.paths import Source
from incident_kit.read.sources.plain_text import BYTE_ORDER_MARK
from incident_kit.read.spans.nested_rows import BEGINS, names_of_rows, nested_rows
from incident_kit.read.spans.table_columns import NEEDED, are_spans

SEPARATORS = ",\t;|"
COLUMN_NAME = re.compile(rb'"name"\s*:\s*"([^"]*)"')


@dataclass(frozen=True)
class TableFile:
    """A file format: the pattern it begins with, the columns that its beginning names, and its reader."""

    begins: re.Pattern[bytes]
    columns: Callable[[bytes], Iterable[str]]
    table: Callable[[bytes], pl.DataFrame]


def begins_with_spans(head: bytes) -> bool:
    """Return whether a file with this beginning holds a table of spans."""
    head = head.removeprefix(BYTE_ORDER_MARK)
    return are_spans(_table_file(head).columns(head))


def read_table(source: Source) -> pl.DataFrame:
    """Return the table that a source holds.

    Raises
    ------
    SourceError
        If the table is incomplete or damaged.
    """
    with source.open() as stream:
        content = stream.read().removeprefix(BYTE_ORDER_MARK)
    try:
        return _table_file(content).table(content)
    except (pl.exceptions.PolarsError, ValueError, LookupError, TypeError) as error:
        raise SourceError(f"{source.name} is no whole table: {first_line(error)}; write it again.") from error


def _table_file(content: bytes) -> TableFile:
    return next(each for each in TABLE_FILES if each.begins.match(content))


def _assume_needed(_: bytes) -> Iterable[str]:
    """Return the columns of spans, as if a binary table had them. If it lacks one, reading it will say so."""
    return (*NEEDED, "duration")


def _names_in_meta(head: bytes) -> Iterable[str]:
    described = head.partition(b'"data"')[0]
    return [name.decode(errors="replace") for name in COLUMN_NAME.findall(described)]


def _members_of_first_row(head: bytes) -> Iterable[str]:
    text = head.decode(errors="replace")
    try:
        return list(JSONDecoder().raw_decode(text, text.index("{"))[0])
    except (ValueError, RecursionError):
        return ()


def _members_of_first_line(head: bytes) -> Iterable[str]:
    try:
        return list(orjson.loads(head.partition(b"\n")[0]))
    except ValueError:
        return ()


def _header(head: bytes) -> Iterable[str]:
    line = head.partition(b"\n")[0]
    return line.decode(errors="replace").strip().split(_separator(line))


def _separator(content: bytes) -> str:
    """Return the separator of columns: that of the usual characters which is most often in the header."""
    header = content.partition(b"\n")[0].decode(errors="replace")
    return max(SEPARATORS, key=header.count)


def _clickhouse_answer(content: bytes) -> pl.DataFrame:
    """Return the rows of an answer, each an object (FORMAT JSON) or a list of values (JSONCompact)."""
    answer = orjson.loads(content)
    names = [column["name"] for column in answer["meta"]]
    rows = [row if isinstance(row, dict) else dict(zip(names, row, strict=True)) for row in answer["data"]]
    return _json_rows(orjson.dumps(rows)) if rows else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _json_rows(content: bytes) -> pl.DataFrame:
    return pl.read_json(BytesIO(content), infer_schema_length=None)


def _json_lines(content: bytes) -> pl.DataFrame:
    return pl.read_ndjson(BytesIO(content), infer_schema_length=None)


def _delimited(content: bytes) -> pl.DataFrame:
    return pl.read_csv(content, separator=_separator(content), infer_schema=False)


# The first whose pattern matches is used. The last takes any text for separated columns.
TABLE_FILES = (
    TableFile(re.compile(rb"PAR1"), _assume_needed, lambda content: pl.read_parquet(BytesIO(content))),
    TableFile(re.compile(rb"ARROW1"), _assume_needed, lambda content: pl.read_ipc(BytesIO(content))),
    TableFile(re.compile(rb'\s*\{\s*"meta"\s*:\s*\['), _names_in_meta, _clickhouse_answer),
    TableFile(BEGINS, names_of_rows, nested_rows),
    TableFile(re.compile(rb"\s*\[\s*\{"), _members_of_first_row, _json_rows),
    TableFile(re.compile(rb"\s*\{"), _members_of_first_line, _json_lines),
    TableFile(re.compile(rb""), _header, _delimited),
)
