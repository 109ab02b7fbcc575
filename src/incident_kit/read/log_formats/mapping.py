"""Mappings that a user writes to say which names in a line hold which columns.

In `duration_ms=took * 1000,status=resp.code` the column `duration_ms` is the value `took` times 1000, which
turns seconds into milliseconds, and the column `status` is the value `resp.code`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from incident_kit.errors import FormatStringError
from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.log_formats.json_names import COLUMN_KINDS
from incident_kit.read.values import durations, kinds
from incident_kit.read.values.kinds import Kind
from incident_kit.schema import REQUESTS

NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
TERM = re.compile(rf"^(?P<name>[\w@.:/\[\]-]+?)(?:\s*(?P<operator>[*/])\s*(?P<number>{NUMBER}))?$")
COLUMNS = (*REQUESTS, "trace")
DURATION_COLUMNS = ("duration_ms", "upstream_duration_ms")


def mapped(string: str, usual: Mapping[str, Variable]) -> tuple[tuple[str, ...], dict[str, Variable]]:
    """Return the names in a mapping, and all variables: the mapping's, then the `usual` of other columns.

    Raises
    ------
    FormatStringError
        If a column is none of REQUESTS, or a name with its factor cannot be understood.
    """
    pairs = [part.partition("=") for part in string.split(",") if part.strip()]
    own = dict(_variable(column.strip(), term.strip()) for column, _, term in pairs)
    taken = {variable.column for variable in own.values()}
    others = {name: row for name, row in usual.items() if name not in own and row.column not in taken}
    return tuple(own), own | others


def _variable(column: str, term: str) -> tuple[str, Variable]:
    known = TERM.match(term)
    if column not in COLUMNS:
        alike = get_close_matches(column, COLUMNS, n=1)
        raise FormatStringError(
            f"{column}={term}: the requests have no column {column!r}; write "
            f"{alike[0] if alike else 'one that they have'}, such as duration_ms=took * 1000."
        )
    if not known:
        raise FormatStringError(
            f"{column}={term}: {term!r} is no key; write a key of the lines, with * or / and a number where "
            "its unit is another, such as duration_ms=took * 1000."
        )
    column = "trace" if column == "trace_id" else column
    factor = float(known["number"] or 1)
    if not factor:
        raise FormatStringError(f"{column}={term} makes every duration the same; give a factor above 0.")
    factor = 1 / factor if known["operator"] == "/" else factor
    if column in DURATION_COLUMNS:
        return known["name"], Variable(column, Kind(durations.with_or_without_unit(factor)))
    if known["operator"]:
        raise FormatStringError(f"{column}={term} multiplies what is no duration; give the key alone.")
    return known["name"], Variable(column, COLUMN_KINDS.get(column, kinds.TEXT))
