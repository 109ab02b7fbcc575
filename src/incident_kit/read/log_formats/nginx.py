r"""nginx: its `combined` format and variants of it, and tails of values after them.

nginx logs when the request is done, so its times are the end of the request. Inside a value it writes `"`,
`\` and control bytes as `\xHH`. A tail is what a configured `log_format` adds after a ready-made one, such as
` rt=0.250 urt=0.204`; `nginx_tail_shapes` finds out what its values mean.
Source: nginx documentation, modules `ngx_http_log_module` and `ngx_http_upstream_module`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx_tails import named_tails
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import converters, instants, kinds
from incident_kit.read.values.kinds import Kind

# After the common format only `name=value` pairs are a tail, because anything else has no known meaning.
PAIRS = {"tail": Variable("tail", replace(kinds.REST, pattern=r" [A-Za-z_][\w.-]*=.+"))}
TAIL, REST = {"tail": Variable("tail", kinds.REST)}, {"rest": Variable("rest", kinds.OPTIONAL_REST)}
EXTRA = (
    '{"a":"b","attempts":[{"addr": null, "status": null, "ms": 100.0}, '
    '{"addr": null, "status": null, "ms": 100.0}]}'
)
ALIASES = ("nginx_proxy_manager", "litespeed")
COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent"'
)
COMMON = COMBINED.removesuffix(' "$http_referer" "$http_user_agent"')
# The host must be a name, not an address: an address there may also be the forwarded client, and with a tail
# nothing tells which.
NAMED = r"[^\s,:/\[\]\"]*[A-Za-z_][^\s,:/\[\]\"]*(?::\d*)?"
NAMED_HOST = replace(kinds.HOST, pattern=rf'{NAMED}|"{NAMED}"', plain=NAMED)
HOSTED, VHOST = f"$host {COMBINED}", VARIABLES | {"host": Variable("host", NAMED_HOST)}
FINE_TIME = Kind(
    instants.any_instant,
    pattern=rf"\d{{2}}/[A-Za-z]{{3}}/\d{{4}}:\d\d:\d\d:\d\d\.\d+ [+-]\d{{4}}|{kinds.ISO_TIME.pattern}",
)
FINELY_TIMED = VARIABLES | {"time_local": Variable("timestamp", FINE_TIME)}
# An IPv6 address without brackets has no port.
WITH_PORT = Kind(converters.text, pattern=r"\d+(?:\.\d+){3}:\d+|\[[0-9A-Fa-f:.]+\]:\d+")
PORTED = VARIABLES | {"client": Variable("client", WITH_PORT)}
SAMPLE_TIME = datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)
AFTER_COMBINED = r' "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"( .+|[A-Za-z_][\w.-]*=.+)$'
AFTER_COMMON = r'" \d{3} (?:\d+|-)( [A-Za-z_][\w.-]*=.+)$'


def _row(name: str, description: str, string: str, *samples: Sample) -> LogFormat:
    layout = template(string, VARIABLES)
    return LogFormat(name, description, layout, VARIABLES, "end", samples, aliases=ALIASES, priority=1)


FORMATS = (
    LogFormat(
        "nginx_combined_port",
        "combined with the client's port",
        template(COMBINED.replace("$remote_addr", "$client"), PORTED),
        PORTED,
        "end",
        samples=(
            Sample(
                '203.0.113.7:40124 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"',
                {"client_ip": "203.0.113.7", "client_port": 40124, "path": "/x", "status": 200},
            ),
        ),
        aliases=("nginx_combined", "apache", "apache_combined"),
        priority=1,
    ),
    _row(
        "nginx_combined",
        "nginx's default, without durations",
        COMBINED,
        Sample(
            '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612 "-" "curl/8.5"',
            {
                "client_ip": "203.0.113.7",
                "path": "/x",
                "query": "y=1",
                "status": 200,
                "user_agent": "curl/8.5",
            },
        ),
    ),
    _row(
        "nginx_without_user",
        "combined that tells no user",
        COMBINED.replace("$remote_user ", ""),
        Sample(
            '203.0.113.7 - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"',
            {"client_ip": "203.0.113.7", "user": None, "path": "/x"},
        ),
    ),
    _row(
        "nginx_main",
        "combined with the forwarded-for header, as nginx's packages write it",
        f'{COMBINED} "$http_x_forwarded_for"',
        Sample(
            '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.5" "203.0.113.7"',
            {"client_ip": "10.0.0.1", "extra": '{"http_x_forwarded_for":"203.0.113.7"}'},
        ),
    ),
    LogFormat(
        "nginx_combined_tail",
        "combined and a tail: `name=value` pairs and durations are read, anything else is kept in `extra`",
        template(f"{COMBINED}$tail", VARIABLES | TAIL),
        VARIABLES | TAIL,
        "end",
        samples=(
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 6 "-" "-" rt=0.25 urt="0.2"',
                {"duration_ms": 250.0, "upstream_duration_ms": 200.0, "upstream_attempts": 1},
            ),
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 6 "-" "-" 0.250 HIT',
                {"duration_ms": 250.0, "extra": '{"tail":"HIT"}'},
            ),
        ),
        open_ended=True,
        specialised_for=named_tails("nginx_combined", COMBINED, AFTER_COMBINED),
        aliases=("nginx_combined", "apache", "apache_combined", "litespeed", "gunicorn"),
    ),
    LogFormat(
        "nginx_combined_finely_timed",
        "combined whose time has a fraction, or is ISO 8601, and what follows",
        template(f"{COMBINED}$rest", FINELY_TIMED | REST),
        FINELY_TIMED | REST,
        "end",
        samples=(
            Sample(
                '203.0.113.7 - - [2026-10-10T13:55:36+00:00] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"',
                {"client_ip": "203.0.113.7", "timestamp": SAMPLE_TIME},
            ),
            Sample(
                '203.0.113.7 - - [10/Oct/2026:15:55:36.250 +0200] "GET /x HTTP/1.1" 200 612 "-" "curl" 7',
                {"timestamp": SAMPLE_TIME.replace(microsecond=250_000), "extra": '{"rest":"7"}'},
            ),
        ),
        open_ended=True,
        specialised_for=named_tails("nginx_combined_finely_timed", COMBINED, AFTER_COMBINED, FINELY_TIMED),
        aliases=("apache", "apache_combined"),
    ),
    LogFormat(
        "nginx_vhost_combined_tail",
        "the host before combined, and a tail",
        template(f"{HOSTED}$tail", VHOST | TAIL),
        VHOST | TAIL,
        "end",
        samples=(
            Sample(
                'a.b:443 10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 6 "-" "-" rt=0.25',
                {"host": "a.b", "duration_ms": 250.0, "user_agent": None},
            ),
            Sample(
                'a.b 10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 6 "-" "-" "0.2" "HIT"',
                {"host": "a.b", "duration_ms": None, "extra": '{"tail":"\\"0.2\\" \\"HIT\\""}'},
            ),
        ),
        open_ended=True,
        specialised_for=named_tails("nginx_vhost_combined", HOSTED, AFTER_COMBINED, VHOST),
        aliases=("nginx_vhost_combined", "vhost_combined", "apache_vhost_combined", "apache_host_combined"),
    ),
    LogFormat(
        "nginx_common_tail",
        "combined without referer and agent, and a tail of `name=value` pairs",
        template(f"{COMMON}$tail", VARIABLES | PAIRS),
        VARIABLES | PAIRS,
        "end",
        samples=(
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 6 rt=0.25 urt=0.1, 0.1 a=b',
                {"duration_ms": 250.0, "upstream_duration_ms": 200.0, "extra": EXTRA},
            ),
        ),
        open_ended=True,
        specialised_for=named_tails("nginx_common", COMMON, AFTER_COMMON),
        aliases=("apache", "apache_common"),
        priority=1,
    ),
)
