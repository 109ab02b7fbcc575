"""logfmt: the `key=value` lines of Go services and others, with the same key names as JSON lines.

A duration is read where its name or its value tells the unit: `duration=3.1ms`, but not `duration=3`.
`logfmt:` takes a mapping of the user's own, such as `logfmt:duration_ms=took * 1000,status=code`.
Sources: brandur.org/logfmt; Grafana, `pkg/middleware/loggermw`; the CNCF's distribution, a registry of
images, `internal/dcontext`; Grafana's dskit, `middleware/logging.go`, of Loki, Mimir and Tempo.
"""

from __future__ import annotations

from incident_kit.read.layouts.key_values import IN_UNITS, LOCAL_BEFORE, ZONED_BEFORE, KeyValues
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.json_names import EVIDENCE, REQUIRED, TIMES
from incident_kit.read.log_formats.json_names import VARIABLES as NAMES
from incident_kit.read.log_formats.mapping import mapped
from incident_kit.read.values import kinds

# Names of the duration of a whole request, read if the value tells a unit.
DURATIONS = (
    "duration", "http.response.duration", "response.latency", "latency", "elapsed", "took", "request_time",
    "response_time", "request_duration", "elapsed_time", "time_taken", "dur", "time",
)  # fmt: skip
VARIABLES = {
    **{name + IN_UNITS: Variable("duration_ms", kinds.UNIT_DURATION) for name in DURATIONS},
    **NAMES,
    "t": Variable("timestamp", kinds.ANY_TIME),
    "time_ms": Variable("duration_ms", kinds.MILLISECONDS),
    "remote": Variable("client_ip", kinds.WITHOUT_PORT),
    "client": Variable("client"),
    "uname": Variable("user"),
    ZONED_BEFORE: Variable("timestamp", kinds.ANY_TIME),
    LOCAL_BEFORE: Variable("timestamp", kinds.ANY_TIME),
}
OWN_TIMES = (*TIMES, "t")
# Lines with all keys of a group here belong to a more specific format: the image registry's, lograge's or
# Heroku's.
OTHER_FORMATS = (("go.version", "http.request.uri"), ("controller", "action"), ("dyno", "fwd"))
MESSAGE = (
    r"^(?P<method>[A-Z][A-Z-]*) (?P<target>\S+) \((?P<status>\d{3})\) (?P<latency>\d[\d.]*[^\s\d]\S*)(?: |$)"
)
DSKIT = {**NAMES, "latency": Variable("duration_ms", kinds.UNIT_DURATION)}


def compile_mapping(string: str) -> LogFormat:
    """Return the format of logfmt lines that a mapping `column=key,column=key * factor` describes.

    Raises
    ------
    FormatStringError
        If a part is no such pair, or its column is none of REQUESTS.
    """
    own, variables = mapped(string, VARIABLES)
    durations = tuple(name for name in DURATIONS if name not in own)
    layout = KeyValues((own,), (), OWN_TIMES, durations)
    return LogFormat(
        f"logfmt:{string}", "logfmt lines, by a mapping", layout, variables, timestamp_is="end", mapped=own
    )


FORMATS = (
    LogFormat(
        "logfmt",
        "logfmt lines with usual names; durations only where the name or the value tells the unit",
        KeyValues(REQUIRED, OTHER_FORMATS, OWN_TIMES, DURATIONS, evidence=EVIDENCE),
        VARIABLES,
        "end",
        samples=(
            Sample(
                "logger=context userId=0 orgId=1 uname=ann t=2026-10-10T13:55:36.25Z level=info "
                'msg="Request Completed" method=GET path=/x status=502 remote_addr=203.0.113.7 time_ms=3 '
                'duration=3.1ms size=612 referer="https://shop.example.com/?a=b"',
                {"path": "/x", "user": "ann", "duration_ms": 3.1, "referer": "https://shop.example.com/?a=b"},
            ),
            Sample(
                'time="2026-10-10T13:55:36Z" level=info msg=done method=GET path=/x status=200 duration=250',
                {"duration_ms": None, "status": 200},
            ),
        ),
        aliases=("grafana",),
        priority=-1,
    ),
    LogFormat(
        "image_registry",
        "the registry of container images (Docker's, the CNCF's distribution)",
        KeyValues((("http.response.status",), ("http.request.uri",), ("go.version",)), (), TIMES, DURATIONS),
        VARIABLES,
        "end",
        samples=(
            Sample(
                'time="2026-10-10T13:55:36.25Z" level=info msg="response completed" go.version=go1.23.8 '
                'http.request.host="registry.example.com:443" http.request.id=e560674b '
                'http.request.method=HEAD http.request.remoteaddr="[2001:db8::7]:33432" '
                'http.request.uri="/v2/x/blobs/uploads/" http.request.useragent="docker/28.4 \\"a\\"" '
                "http.response.duration=11.300209ms http.response.status=202 http.response.written=0 ",
                {"duration_ms": 11.300209, "client_ip": "2001:db8::7", "user_agent": 'docker/28.4 "a"'},
            ),
        ),
        aliases=("docker_registry",),
        priority=1,
        exclusive=True,
    ),
    LogFormat(
        "dskit",
        "Loki's, Mimir's and Tempo's own requests, told in the message",
        KeyValues((("msg",), ("ts",)), nested_pattern=("msg", MESSAGE)),
        DSKIT,
        "end",
        samples=(
            Sample(
                "level=info ts=2026-10-10T13:55:36.864644382Z caller=logging.go:66 traceID=7fbb92fd0eb9c65d "
                'orgID=fake msg="POST /x?a=b (204) 1.238734ms"',
                {"method": "POST", "target": "/x?a=b", "status": 204, "duration_ms": 1.238734},
            ),
        ),
        aliases=("loki", "mimir", "tempo"),
    ),
)
COMPILERS = {"logfmt": compile_mapping}
