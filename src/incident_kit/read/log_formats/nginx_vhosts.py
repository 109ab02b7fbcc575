"""nginx: the host, or the forwarded-for header, beside the address in `combined`."""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx import COMBINED, NAMED_HOST, PORTED
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

ALIASES = ("nginx", "nginx_proxy_manager", "nginx_vhost_combined")
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
VHOST = VARIABLES | {"host": Variable("host", kinds.HOST)}
BEHIND_PROXIES = VHOST | {"http_x_forwarded_for": Variable("http_x_forwarded_for", FORWARDED)}
PORTED_VHOST = PORTED | {"host": Variable("host", NAMED_HOST)}
BUNKERWEB = VHOST | {
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
    aliases: tuple[str, ...] = (),
) -> LogFormat:
    layout = template(string, variables)
    aliases = (*ALIASES, *aliases)
    return LogFormat(name, description, layout, variables, "end", samples, aliases=aliases, priority=priority)


FORMATS = (
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
        VHOST,
        Sample(
            'shop.example.com:443 203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x '
            'HTTP/1.1" 200 612 "-" "-"',
            {"host": "shop.example.com", "client_ip": "203.0.113.7"},
        ),
        aliases=("litespeed",),
    ),
    _row(
        "nginx_port_vhost_combined",
        "combined with the client's port, and the host after it",
        COMBINED.replace("$remote_addr", "$client $host"),
        PORTED_VHOST,
        Sample(
            '203.0.113.7:40124 shop.example.com:443 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" '
            '200 612 "-" "-"',
            {"host": "shop.example.com", "client_ip": "203.0.113.7", "client_port": 40124},
        ),
        priority=3,
        aliases=("apache", "apache_vhost_combined"),
    ),
    _row(
        "nginx_vhost_main",
        "the host before combined, the forwarded-for header after it",
        f'$host {COMBINED} "$http_x_forwarded_for"',
        VHOST,
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
)
