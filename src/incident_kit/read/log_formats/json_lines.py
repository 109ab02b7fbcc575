"""JSON lines of any writer: nginx with `escape=json`, applications, and others by a mapping.

A key is read where its name tells what it means and in which unit. `duration` or `latency` alone does not, so
it stays in `extra` unless its value has a unit, as `"250ms"` does: durations are never guessed. `json:` takes
a mapping of the user's own, such as `json:duration_ms=took * 1000,status=resp.code`.
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample
from incident_kit.read.log_formats.duration_names import UNIT_IN_VALUE
from incident_kit.read.log_formats.json_names import EVIDENCE, NOT_REQUESTS, REQUIRED, TIMES, VARIABLES
from incident_kit.read.log_formats.mapping import mapped


def compile_mapping(string: str) -> LogFormat:
    """Return the format of JSON lines that a mapping `column=key,column=key * factor` describes.

    A dotted key names a value in a nested object. Columns that the mapping leaves out are read from their
    usual keys.

    Raises
    ------
    FormatStringError
        If a part is no such pair, or its column is none of REQUESTS.
    """
    own, variables = mapped(string, VARIABLES)
    layout = JsonLines(variables, (own,), durations=frozenset(UNIT_IN_VALUE) - {*own})
    return LogFormat(
        f"json:{string}", "JSON lines, by a mapping", layout, variables, timestamp_is="end", mapped=own
    )


FORMATS = (
    LogFormat(
        "json",
        "JSON lines with usual names; durations only where the name tells the unit",
        JsonLines(VARIABLES, (TIMES, *REQUIRED), NOT_REQUESTS, frozenset(UNIT_IN_VALUE), EVIDENCE),
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
        aliases=("nginx_json", "nginx"),
        priority=-1,
    ),
)
COMPILERS = {"json": compile_mapping}
