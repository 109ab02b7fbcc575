r"""Formats of Apache httpd: the ready-made ones and any `LogFormat` string. LiteSpeed writes the same lines.

The ready-made formats are compiled from their `LogFormat` strings, as a user's own string is. `%t` is the
time at which Apache received the request, so the timestamp is the start. Inside quotes Apache writes `"`,
`\` and control bytes as `\"`, `\\` and `\xHH`.
Source: Apache documentation, module `mod_log_config`.
"""

from __future__ import annotations

from dataclasses import replace

from incident_kit.read.layouts.log_format import LogFormat, Sample
from incident_kit.read.log_formats.apache_format_string import as_configured, named_format
from incident_kit.read.values import kinds

# No quotes in the tail: what begins with a quote after `common` is the referer of `combined`, and a line that
# was cut off within its user agent is a damaged `combined` line, not `common` with a tail.
TAIL = replace(kinds.REST, pattern=r' [^"]+')
# Values of which some stand in quotes, as Tomcat's administrators choose them: ` 10.0.0.1 + 400 "http://a.b/"`.
# Numbers alone before the referer are `nginx_numbered`.
VALUES = replace(kinds.REST, pattern=r' (?:\d+\.\d+\.[\d.]+|[^"\s]*[^"\s\d.,][^"\s]*) [^"]*(?:"[^"]*"[^"]*)+')
COMMON = '%h %l %u %t "%r" %>s %b'
COMBINED = f'{COMMON} "%{{Referer}}i" "%{{User-Agent}}i"'
FORWARDED = '"%{X-Forwarded-For}i"'
LINE = '203.0.113.7 - ann [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612'
FORMATS = (
    named_format(
        COMBINED,
        "apache_combined",
        "Apache's and LiteSpeed's combined",
        Sample(LINE + ' "-" "curl/8.5"', {"client_ip": "203.0.113.7", "user": "ann", "status": 200}),
        Sample(
            LINE + r' "-" "a \"quoted\" agent"',
            {"user_agent": 'a "quoted" agent'},
        ),
        aliases=("litespeed", "combined", "nginx", "gunicorn"),
    ),
    named_format(
        f"{COMBINED} {FORWARDED}",
        "apache_forwarded",
        "combined with the forwarded-for header",
        Sample(
            f'{LINE} "-" "curl/8.5" "198.51.100.7, 10.0.0.1"',
            {"client_ip": "203.0.113.7", "user_agent": "curl/8.5"},
        ),
        aliases=("apache_combined", "litespeed", "nginx"),
    ),
    named_format(
        COMMON,
        "apache_common",
        "the common log format",
        Sample(LINE, {"path": "/x", "query": "y=1", "bytes_sent": 612}),
        aliases=("clf", "common", "nginx", "litespeed"),
    ),
    named_format(
        COMMON,
        "apache_common_tail",
        "common and a tail, which is kept in `extra`",
        Sample(f"{LINE} 1532", {"bytes_sent": 612, "extra": '{"tail":"1532"}'}),
        aliases=("apache_common", "nginx"),
        tail=TAIL,
    ),
    named_format(
        COMMON,
        "apache_common_values",
        "common and a tail of values, some of them in quotes, which is kept in `extra`",
        Sample(
            f'{LINE} 10.0.0.1 + 400 "http://a.b/" "curl/8.5" X-Forwarded-For="198.51.100.7, 10.0.0.1"',
            {"bytes_sent": 612, "user_agent": None, "duration_ms": None},
        ),
        aliases=("apache_common",),
        tail=VALUES,
        priority=-1,
    ),
    named_format(
        f"%v:%p {COMBINED.replace('%b', '%O')}",
        "apache_vhost_combined",
        "Debian's combined with host and port",
        Sample(f'shop.example.com:443 {LINE} "-" "curl/8.5"', {"host": "shop.example.com", "user": "ann"}),
        aliases=("vhost_combined",),
        priority=2,
    ),
    named_format(
        f"%v {COMBINED}",
        "apache_host_combined",
        "combined with the host before it",
        Sample(
            f'shop.example.com {LINE} "-" "curl/8.5"',
            {"host": "shop.example.com", "client_ip": "203.0.113.7"},
        ),
        aliases=("vhost_combined", "nginx", "nginx_vhost_combined"),
    ),
    named_format(
        f"%v {COMBINED} {FORWARDED}",
        "apache_host_forwarded",
        "combined with the host before it and the forwarded-for header after it",
        Sample(
            f'shop.example.com {LINE} "-" "curl/8.5" "-"',
            {"host": "shop.example.com", "user_agent": "curl/8.5", "extra": None},
        ),
        aliases=("vhost_combined", "nginx", "nginx_vhost_combined"),
    ),
    named_format(
        f"%v {COMMON}",
        "apache_host_common",
        "common with the host before it",
        Sample(f"shop.example.com {LINE}", {"host": "shop.example.com", "bytes_sent": 612}),
    ),
    named_format(
        COMBINED.replace("%l", "%v"),
        "apache_combined_host",
        "combined with the host in the place of the identity",
        Sample(
            LINE.replace(" - ", " shop.example.com ") + ' "-" "curl/8.5"',
            {"host": "shop.example.com", "client_ip": "203.0.113.7", "user": "ann"},
        ),
        aliases=("nginx",),
    ),
    named_format(
        '%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b',
        "apache_ssl_request",
        "Apache's ssl_request_log, which tells no status",
        Sample(
            '[10/Oct/2026:13:55:36 +0000] 203.0.113.7 TLSv1.3 TLS_AES_128_GCM_SHA256 "GET /x HTTP/1.1" 612',
            {"path": "/x", "client_ip": "203.0.113.7", "status": None, "bytes_sent": 612},
        ),
    ),
    named_format(
        f"{COMBINED} %I %O",
        "apache_combinedio",
        "combined with the bytes in and out",
        Sample(f'{LINE} "-" "curl/8.5" 430 843', {"status": 200, "bytes_sent": 612}),
    ),
)


def compile_format(string: str) -> LogFormat:
    r"""Return the format that an Apache `LogFormat` string describes.

    The string may be written with the escapes of httpd.conf (`\"%r\"`) or without.

    Raises
    ------
    FormatStringError
        If the string names no directive, or if two directives touch, because no line could be split then.
    """
    return named_format(as_configured(string), f"apache:{string}", "an Apache LogFormat")


COMPILERS = {"apache": compile_format}
