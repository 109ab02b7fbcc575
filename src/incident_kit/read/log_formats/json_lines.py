"""JSON lines of any maker: nginx with `escape=json`, applications, and any other by a mapping.

A key is read where its name says what it means and in which unit; `duration` or `latency` alone say none, and
stay in `extra`, for durations are never guessed. `json:` takes a mapping of one's own, such as
`json:duration_ms=took * 1000,status=resp.code`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from incident_kit.errors import FormatStringError
from incident_kit.read.log_formats.json_names import COLUMN_KINDS, NO_REQUESTS, VARIABLES
from incident_kit.read.parsing import kinds, readings
from incident_kit.read.parsing.json_lines import JsonLines
from incident_kit.read.parsing.kinds import Kind
from incident_kit.read.parsing.log_format import LogFormat, Sample, Variable
from incident_kit.schema import REQUESTS

TERM = re.compile(r"^(?P<key>[\w@.:/\[\]-]+?)(?:\s*(?P<operator>[*/])\s*(?P<number>\d+(?:\.\d+)?))?$")
DURATION_COLUMNS = ("duration_ms", "upstream_duration_ms")


def _group(*columns: str) -> tuple[str, ...]:
    return tuple(name for name, variable in VARIABLES.items() if variable.column in columns)


def compile_mapping(string: str) -> LogFormat:
    """Return the format of JSON lines that a mapping `column=key,column=key * factor` describes.

    Raises
    ------
    FormatStringError
        If a part is no such pair, or its column is none of REQUESTS.
    """
    pairs = [part.partition("=") for part in string.split(",") if part.strip()]
    return mapped_format({column.strip(): term.strip() for column, _, term in pairs})


def mapped_format(mapping: Mapping[str, str]) -> LogFormat:
    """Return the format of JSON lines in which `mapping` says which key holds a column, times or by a factor.

    Keys with points lead into objects; what is not mapped is read by its usual name.

    Raises
    ------
    FormatStringError
        If a column is none of REQUESTS, or a key with its factor cannot be understood.
    """
    own = dict(_mapped(column, term) for column, term in mapping.items())
    taken = {variable.column for variable in own.values()}
    others = {name: row for name, row in VARIABLES.items() if name not in own and row.column not in taken}
    name = "json:" + ",".join(f"{column}={term}" for column, term in mapping.items())
    layout = JsonLines(own | others, (tuple(own),))
    return LogFormat(name, "JSON lines, by a mapping", layout, own | others, stamp="end")


def _mapped(column: str, term: str) -> tuple[str, Variable]:
    known = TERM.match(term)
    if column not in (*REQUESTS, "trace") or not known:
        raise FormatStringError(
            f"{column}={term} maps nothing; write a column of the requests and a key, such "
            f"as duration_ms=took * 1000."
        )
    column = "trace" if column == "trace_id" else column
    factor = float(known["number"] or 1)
    factor = 1 / factor if known["operator"] == "/" else factor
    if known["operator"] is None:
        return known["key"], Variable(column, COLUMN_KINDS.get(column, kinds.TEXT))
    if column not in DURATION_COLUMNS:
        raise FormatStringError(f"{column}={term} multiplies what is no duration; give the key alone.")
    return known["key"], Variable(column, Kind(readings.milliseconds(factor)))


FORMATS = (
    LogFormat(
        "json",
        "JSON lines with usual names; durations only where the name tells the unit",
        JsonLines(
            VARIABLES,
            (_group("timestamp"), _group("status"), _group("method", "request", "target", "path")),
            NO_REQUESTS,
        ),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '{"time_iso8601":"2026-10-10T13:55:36+00:00","request":"GET /x?y=1 HTTP/1.1","status":"502",'
                '"request_time":"0.250","upstream_response_time":"0.204","upstream_addr":"10.0.0.1:80",'
                '"upstream_status":"502","pod":"web-7"}',
                {
                    "path": "/x",
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "extra": '{"pod":"web-7"}',
                },
            ),
            Sample(
                '{"@timestamp":"2026-10-10T13:55:36.1Z","method":"GET","path":"/x",'
                '"status":200,"duration":250}',
                {"duration_ms": None, "extra": '{"duration":250}'},
            ),
        ),
        also=("nginx_json", "nginx"),
        prior=-1,
    ),
)
COMPILERS = {"json": compile_mapping}
