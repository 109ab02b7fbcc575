r"""Turn separated values below a header, as consoles export what they found, into a JSON line for each row.

Kibana, Splunk, Datadog, CloudWatch, Athena, BigQuery and Grafana do. The table

    Date,Host,Message
    2026-10-10T13:55:36Z,web-1,"10.0.0.1 - - [...] ""GET / HTTP/1.1"" 200 612"

becomes the line

    {"date":"2026-10-10T13:55:36Z","host":"web-1","message":"10.0.0.1 - - [...] \"GET / HTTP/1.1\" 200 612"}

The header itself becomes no line. A line that is no row of the table stays as it is, so that nothing is lost.
Source: RFC 4180, of which `csv` reads the dialects in use.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from incident_kit.read.sources.plain_text import BYTE_ORDER_MARK, as_utf_8
from incident_kit.read.sources.stream_of import stream_of

SEPARATORS = ",\t;"
# A name of a column, as opposed to a value: it begins with a letter, and has no colon as times have.
NAME = re.compile(r"[A-Za-z_@$][\w@$.()\[\]/ %#*-]*")
# Names as a person reads them, `Status Code` or `Duration (ms)`, are spelt as programs spell them.
FOR_PEOPLE = re.compile(r"[A-Z][a-z]*|[A-Z]+|.* .*")
# Azure's portal tells the zone behind the name of a time.
ZONE = " [UTC]"
# A stack trace in a cell takes this many lines at most; more lines are those below a stray quote.
MAX_LINES_OF_A_ROW = 500
TEXT = "extra"
"""The column of REQUESTS whose objects are texts in every file that `parse` writes."""
# The default of `csv` is 128 KB, which the longest lines of logs exceed.
csv.field_size_limit(16 * 1024 * 1024)


def is_separated(beginning: bytes) -> bool:
    """Return whether a file that begins with these bytes is a header of separated values and a row."""
    header, *lines = beginning.removeprefix(BYTE_ORDER_MARK).splitlines(keepends=True) or [b""]
    separator = _separator(header)
    names = _cells(header, separator)
    first = next(_rows(iter(lines)), b"")
    values = _cells(first, separator)
    if len(names) < 2 or len(set(names)) < len(names) or not all(map(NAME.fullmatch, filter(None, names))):
        return False
    fits = len(values) == len(names) or (len(values) < len(names) and not first.endswith(b"\n"))
    return fits and not all(map(NAME.fullmatch, filter(None, values)))


def separated_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a JSON line for each row of separated values, given in parts of any size."""
    lines = iter(stream_of(iter(parts)))
    header = next(lines).removeprefix(BYTE_ORDER_MARK)
    separator = _separator(header)
    names = _keys(_cells(header, separator))
    for row in _rows(lines):
        cells = _cells(row, separator)
        if len(cells) != len(names):
            yield row
        else:
            yield _object(names, cells) + (b"\n" if row.endswith(b"\n") else b"")


def _separator(header: bytes) -> str:
    return max(SEPARATORS, key=header.decode(errors="replace").count)


def _rows(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield each row with all its lines: one goes on below a line as long as a quote is open."""
    row: list[bytes] = []
    is_open = False
    for line in lines:
        row.append(line)
        is_open ^= line.count(b'"') % 2 == 1
        if not is_open:
            yield b"".join(row)
            row = []
        elif len(row) == MAX_LINES_OF_A_ROW:
            yield from row
            row, is_open = [], False
    yield from row


def _cells(row: bytes, separator: str) -> list[str]:
    """Return the cells of a row, none if its quotes are not those of a table."""
    text = as_utf_8(row).decode().rstrip("\r\n")
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return []


def _keys(names: Sequence[str]) -> Sequence[str]:
    """Return the names of columns as keys; as they are, if two would become one."""
    keys = [_spelt(name) for name in names]
    return keys if len(set(keys)) == len(keys) else names


def _spelt(name: str) -> str:
    """Return the name of a column as a key; pandas leaves that of the index empty."""
    name = name.removesuffix(ZONE) or "index"
    return "_".join(re.findall(r"[\w.@-]+", name)).lower() if FOR_PEOPLE.fullmatch(name) else name


def _object(names: Sequence[str], cells: Sequence[str]) -> bytes:
    """Return a row as a JSON object, without its empty cells."""
    return msgspec.json.encode(
        {
            name: cell if name == TEXT else _value(cell)
            for name, cell in zip(names, cells, strict=True)
            if cell
        }
    )


def _value(cell: str) -> str | msgspec.Raw:
    """Return a cell, as an object if it holds one."""
    if not cell.startswith("{"):
        return cell
    try:
        return msgspec.Raw(msgspec.json.format(cell.encode(), indent=-1))
    except msgspec.MsgspecError:
        return cell
