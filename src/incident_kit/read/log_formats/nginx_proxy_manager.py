"""nginx Proxy Manager and its fork NPMplus, whose formats have an order of their own."""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

ALIASES = ("nginx", "nginx_vhost_combined")
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


def _row(
    name: str,
    description: str,
    string: str,
    variables: dict[str, Variable],
    *samples: Sample,
) -> LogFormat:
    layout = template(string, variables)
    return LogFormat(name, description, layout, variables, "end", samples, aliases=ALIASES, priority=1)


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
)
