"""nginx Proxy Manager, and other nginx-based products whose formats have an order of their own.

The other products are NPMplus and BunkerWeb. Further rows are `combined` with a host or a forwarded-for
header before it, or with durations and other numbers before the referer.
"""

from __future__ import annotations

from dataclasses import replace

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx import COMBINED
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

ALIASES = ("nginx", "nginx_vhost_combined")
# nginx writes durations with three decimals, which distinguishes them from other numbers.
TIMER = replace(kinds.SECONDS, pattern=r"\d+\.\d{3}")
# One duration, or a dash, for each attempt upstream.
TIMERS = Kind(
    lambda value: value.str.strip_chars(" "),
    pattern=r"(?: (?:\d+\.\d{3}|-)(?:(?:, ?| : )(?:\d+\.\d{3}|-))*)?",
    plain=r"(?: (?:\d+\.\d{3}|-))?",
    bounded=True,
)
NUMBERS = Kind(converters.text, pattern=r"[\d.:-]+(?:,? [\d.:-]+)*", plain=r"[\d.]+")
REST = kinds.OPTIONAL_REST
# The client, then the proxies, with quotes around the list or without.
PROXY = (
    r"(?:localhost|unknown|-|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?|\[?(?:[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]{1,4}:){7})"
    r"[0-9A-Fa-f:]*(?:\d{1,3}(?:\.\d{1,3}){3})?\]?(?::\d+)?)"
)
FORWARDED = Kind(
    lambda value: converters.text(value.str.strip_chars('"')),
    pattern=rf'"[^"]*"|{PROXY}(?:, ?{PROXY})*',
    plain=PROXY,
)
# A configured format may leave this part out.
SENT_TO = Kind(
    lambda value: converters.text(value.str.strip_prefix("[Sent-to ").str.strip_suffix("] ")),
    pattern=r"(?:\[Sent-to [^\"]*\] )?",
    plain=r"(?:\[Sent-to [^\s,\"\]]*\] )?",
    bounded=True,
)
MANAGER = VARIABLES | {
    "length": Variable("bytes_sent", kinds.WHOLE),
    "upstream_cache_status": Variable("upstream_cache_status", kinds.BARE),
    "gzip_ratio": Variable("gzip_ratio", kinds.BARE),
    "request_method": Variable("method", kinds.BARE),
    "scheme": Variable("scheme", kinds.BARE),
    "host": Variable("host", kinds.HOST),
    "server": Variable("upstream_addrs", kinds.UPSTREAM_LIST),
    "sent_to": Variable("upstream_addrs", SENT_TO),
}
# NPMplus writes referer and user agent without quotes. Only the user agent has spaces.
PLUS = VARIABLES | {
    "host": Variable("host", kinds.HOST),
    "http_referer": Variable("referer", kinds.SHORT_WORD),
    "http_user_agent": Variable("user_agent", kinds.UNQUOTED),
}
BEHIND_PROXIES = VARIABLES | {
    "host": Variable("host", kinds.HOST),
    "http_x_forwarded_for": Variable("http_x_forwarded_for", FORWARDED),
}
BUNKERWEB = VARIABLES | {
    "host": Variable("host", kinds.HOST),
    "request_id": Variable("request_id", kinds.BARE),
    "remote_user": Variable("user", kinds.BARE),
}


def _row(
    name: str,
    description: str,
    string: str,
    variables: dict[str, Variable],
    *samples: Sample,
    priority: int = 1,
) -> LogFormat:
    layout = template(string, variables)
    return LogFormat(name, description, layout, variables, "end", samples, aliases=ALIASES, priority=priority)


FORMATS = (
    _row(
        "nginx_proxy_manager",
        "nginx Proxy Manager, hosts that it proxies",
        "[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "
        '"$request_uri" [Client $remote_addr] [Length $length] [Gzip $gzip_ratio] $sent_to'
        '"$http_user_agent" "$http_referer"',
        MANAGER,
        Sample(
            "[10/Oct/2026:13:55:36 +0000] - 502 502 - GET https shop.example.com "
            '"/x" [Client 203.0.113.7] [Length 150] [Gzip -] [Sent-to 10.0.0.16] "curl/8.5" "-"',
            {"status": 502, "bytes_sent": 150, "upstream_addr": "10.0.0.16", "client_ip": "203.0.113.7"},
        ),
    ),
    _row(
        "nginx_proxy_manager_standard",
        "nginx Proxy Manager, hosts that it serves itself",
        '[$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] '
        '[Length $length] [Gzip $gzip_ratio] "$http_user_agent" "$http_referer"',
        MANAGER,
        Sample(
            "[10/Oct/2026:13:55:36 +0000] 200 - GET https shop.example.com "
            '"/x" [Client 203.0.113.7] [Length 150] [Gzip 2.01] "curl/8.5" "-"',
            {"status": 200, "host": "shop.example.com", "path": "/x"},
        ),
    ),
    _row(
        "nginx_proxy_manager_redirected",
        "nginx Proxy Manager, one status and the server it was sent to",
        '[$time_local] $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] '
        '[Length $length] [Gzip $gzip_ratio] [Sent-to $server] "$http_user_agent" "$http_referer"',
        MANAGER,
        Sample(
            "[10/Oct/2026:13:55:36 +0000] 200 - GET https shop.example.com "
            '"/x" [Client 203.0.113.7] [Length 150] [Gzip 2.01] [Sent-to 10.0.0.16] "curl/8.5" "-"',
            {"status": 200, "upstream_addr": "10.0.0.16"},
        ),
    ),
    _row(
        "nginx_timed_host",
        "NPMplus: time, host, client and duration before the request, what was sent and by whom after it",
        '[$time_local] $host $remote_addr $request_time "$request" $status $body_bytes_sent $bytes_sent '
        "$http_referer $http_user_agent",
        PLUS,
        Sample(
            '[10/Oct/2026:13:55:36 +0000] shop.example.com 203.0.113.7 0.204 "GET /x '
            'HTTP/1.1" 200 612 843 - Mozilla/5.0 (X11)',
            {
                "duration_ms": 204.0,
                "bytes_sent": 612,
                "host": "shop.example.com",
                "user_agent": "Mozilla/5.0 (X11)",
            },
        ),
    ),
    _row(
        "nginx_vhost_request_id",
        "the host, the client and a request id before the user (BunkerWeb)",
        f"$host {COMBINED.replace('$remote_user', '$request_id $remote_user')}",
        BUNKERWEB,
        Sample(
            "shop.example.com 203.0.113.7 - 7bde940ef0f870cd - [10/Oct/2026:13:55:36 "
            '+0000] "GET /x HTTP/1.1" '
            '200 612 "-" "curl/8.5"',
            {"host": "shop.example.com", "request_id": "7bde940ef0f870cd", "client_ip": "203.0.113.7"},
        ),
    ),
    _row(
        "nginx_vhost_combined",
        "the host before combined",
        f"$host {COMBINED}",
        VARIABLES | {"host": Variable("host", kinds.HOST)},
        Sample(
            'shop.example.com:443 203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x '
            'HTTP/1.1" 200 612 "-" "-"',
            {"host": "shop.example.com", "client_ip": "203.0.113.7"},
        ),
    ),
    _row(
        "nginx_vhost_main",
        "the host before combined, the forwarded-for header after it",
        f'$host {COMBINED} "$http_x_forwarded_for"',
        VARIABLES | {"host": Variable("host", kinds.HOST)},
        Sample(
            'shop.example.com 10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" '
            '200 612 "-" "-" "-"',
            {"host": "shop.example.com", "client_ip": "10.0.0.1"},
        ),
    ),
    _row(
        "nginx_forwarded",
        "the forwarded-for header before combined",
        f"$http_x_forwarded_for {COMBINED}",
        BEHIND_PROXIES,
        Sample(
            '"203.0.113.7, 198.51.100.7" 10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" '
            '200 612 "-" "-"',
            {"client_ip": "10.0.0.1", "extra": '{"http_x_forwarded_for":"203.0.113.7, 198.51.100.7"}'},
        ),
        priority=0,
    ),
    _row(
        "nginx_vhost_forwarded",
        "the host and the forwarded-for header before combined",
        f"$host $http_x_forwarded_for {COMBINED}",
        BEHIND_PROXIES,
        Sample(
            "shop.example.com 203.0.113.7, 198.51.100.7 10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "
            '"GET /x HTTP/1.1" 200 612 "-" "-"',
            {"host": "shop.example.com", "client_ip": "10.0.0.1", "status": 200},
        ),
        priority=0,
    ),
    replace(
        _row(
            "nginx_timed",
            "combined with the duration before the referer, as Datadog advises",
            COMBINED.replace(' "$http_referer"', ' $request_time$upstream_response_time "$http_referer"')
            + "$rest",
            VARIABLES
            | {
                "request_time": Variable("duration_ms", TIMER),
                "upstream_response_time": Variable("upstream_times", TIMERS),
                "rest": Variable("rest", REST),
            },
            Sample(
                '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 0.204 "-" "curl" "-"',
                {"duration_ms": 204.0, "bytes_sent": 612, "user_agent": "curl"},
            ),
        ),
        open_ended=True,
    ),
    replace(
        _row(
            "nginx_numbered",
            "combined with numbers before the referer, which are kept in `extra`",
            COMBINED.replace(' "$http_referer"', ' $numbers "$http_referer"') + "$rest",
            VARIABLES | {"numbers": Variable("numbers", NUMBERS), "rest": Variable("rest", REST)},
            Sample(
                '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 3413 "-" "curl/8.5"',
                {
                    "duration_ms": None,
                    "bytes_sent": 612,
                    "user_agent": "curl/8.5",
                    "extra": '{"numbers":"3413"}',
                },
            ),
            priority=0,
        ),
        open_ended=True,
        aliases=("nginx", "apache", "apache_combined", "litespeed"),
    ),
)
