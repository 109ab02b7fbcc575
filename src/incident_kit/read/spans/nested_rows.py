"""Rows of spans within a document, as the interfaces of tracing products answer: find them, and flatten them.

Google Cloud Trace, Datadog, New Relic and SigNoz nest the same rows differently. In

    {"traces": [{"traceId": "5b8e", "spans": [{"spanId": "1", "name": "GET /", "labels": {"zone": "a"}}]}]}

the row is `{"traceId": "5b8e", "spanId": "1", "name": "GET /", "zone": "a"}`: what encloses rows belongs to
each of them, and so do the members of the objects in it.
Source: Google, "Cloud Trace API v1"; Datadog, "Spans API"; New Relic, "NRQL"; SigNoz, "Query range".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import polars as pl

from incident_kit.read.spans.table_columns import are_spans

MEMBER = re.compile(rb'"([^"\\]{1,100})"\s*:')
BEGINS = re.compile(
    rb'\s*\{\s*(?:"status"\s*:\s*"success"\s*,\s*)?"(?:traces|data|results?|spans|rows)"\s*:\s*[\[{]'
)
Row = dict[str, Any]


def names_of_rows(head: bytes) -> Iterable[str]:
    """Return the names of all members in the beginning of a document."""
    return [name.decode(errors="replace") for name in MEMBER.findall(head)]


def nested_rows(content: bytes) -> pl.DataFrame:
    """Return the rows of spans in a document, as a table of texts.

    Raises
    ------
    ValueError
        If the document is damaged or holds none.
    """
    rows = list(_rows(_documents(content), {}))
    if not rows:
        raise ValueError("it holds no rows with the id of a trace and of a span, a start and a duration")
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame(
        {name: [_text(row.get(name)) for row in rows] for name in names}, dict.fromkeys(names, pl.String)
    )


def _documents(content: bytes) -> Any:
    """Return the document, or those on each line."""
    try:
        return orjson.loads(content)
    except ValueError:
        return [orjson.loads(line) for line in content.splitlines() if line.strip()]


def _rows(value: Any, around: Row) -> Iterator[Row]:
    """Yield the innermost objects that are rows of spans, with the plain values of what is around them."""
    if isinstance(value, list):
        for each in value:
            yield from _rows(each, around)
    elif isinstance(value, dict):
        nested = {name: held for name, held in value.items() if isinstance(held, dict | list)}
        plain = around | {name: held for name, held in value.items() if name not in nested}
        found = [row for held in nested.values() for row in _rows(held, plain)]
        own = around | _flat(value)
        if found:
            yield from found
        elif are_spans(own):
            yield own


def _flat(value: Row) -> Row:
    """Return an object with the members of the objects in it; its own come first."""
    inner = [_flat(held) for held in value.values() if isinstance(held, dict)]
    own = {name: held for name, held in value.items() if not isinstance(held, dict)}
    return {name: held for row in (*inner, own) for name, held in row.items()}


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
