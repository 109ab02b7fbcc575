"""Request lines of lograge (Rails) and Logster (Phoenix): pairs, or JSON, with controller and action.

Durations are in milliseconds although their names tell no unit. Behind Rails' own formatter the time stands
before the pairs, in local time and without a zone.
Sources: the documentation of lograge and Logster; Ruby's documentation, class `Logger::Formatter`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.key_values import LOCAL_BEFORE, ZONED_BEFORE, KeyValues
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.json_names import TIMES
from incident_kit.read.log_formats.json_names import VARIABLES as NAMES
from incident_kit.read.values import kinds
from incident_kit.read.values.instants import local_instant

VARIABLES = {
    **NAMES,
    "duration": Variable("duration_ms", kinds.MILLISECONDS),
    "view": Variable("view_ms", kinds.MILLISECONDS),
    "db": Variable("db_ms", kinds.MILLISECONDS),
    ZONED_BEFORE: Variable("timestamp", kinds.ANY_TIME),
}
IN_JSON = {
    **{name: row for name, row in VARIABLES.items() if name != ZONED_BEFORE},
    "controller": Variable("controller"),
    "action": Variable("action"),
    "format": Variable("format"),
}
LOCAL = {LOCAL_BEFORE: Variable("timestamp", kinds.Kind(local_instant("%Y-%m-%dT%H:%M:%S%.f")))}
REQUIRED = (("method",), ("path",), ("controller",), ("action",), ("status",))
AT = datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)
PAIRS = "format=html controller=CartsController action=show"

FORMATS = (
    LogFormat(
        "lograge",
        "lograge of Rails, Logster of Phoenix",
        KeyValues(REQUIRED, times=TIMES),
        VARIABLES,
        "end",
        samples=(
            Sample(
                f"2026-10-10T13:55:36.25Z [d7c85cc2] method=GET path=/x {PAIRS} status=200 duration=58.33 "
                "view=40.40 db=10.20",
                {"status": 200, "duration_ms": 58.33},
            ),
            Sample(
                f"method=GET path=/x {PAIRS} status=500 error='KeyError: key not found: \"id\"' "
                'duration=58.33 time=2026-10-10 15:55:36 +0200 params={"a"=>"b", "c"=>"d"}',
                {
                    "status": 500,
                    "duration_ms": 58.33,
                    "timestamp": AT,
                },
            ),
        ),
        aliases=("rails", "logster"),
    ),
    LogFormat(
        "lograge_local",
        "lograge behind Rails' own formatter, in local time",
        KeyValues((*REQUIRED, (LOCAL_BEFORE,)), times=TIMES),
        {**{name: row for name, row in VARIABLES.items() if row.column != "timestamp"}, **LOCAL},
        "end",
        samples=(
            Sample(
                f"I, [2026-10-10T13:55:36.250000 #7]  INFO -- : [d7c85cc2] method=GET path=/x {PAIRS} "
                "status=200 allocations=1331 duration=237.82 view=107.45 db=116.50",
                {"status": 200, "duration_ms": 237.82},
            ),
        ),
        aliases=("lograge", "rails"),
        priority=1,
    ),
    LogFormat(
        "lograge_json",
        "lograge's JSON",
        JsonLines(IN_JSON, (*REQUIRED, ("format",), ("duration",))),
        IN_JSON,
        "end",
        samples=(
            Sample(
                '{"method":"GET","path":"/x","format":"html","controller":"CartsController","action":"show",'
                '"status":200,"duration":58.33,"view":40.4,"db":10.2,"@timestamp":"2026-10-10T13:55:36.250Z"}',
                {"status": 200, "duration_ms": 58.33, "path": "/x"},
            ),
        ),
        aliases=("lograge", "rails"),
    ),
)
