"""HAProxy's HTTP logs: `option httplog` and `option httpslog`, with the old or the new timers.

The five timers are `TR/Tw/Tc/Tr/Ta` (before: `Tq/Tw/Tc/Tr/Tt`) and stand at the same places, so one row reads
both; -1 is a phase that was never reached. The time is when the request came in. It has no zone, so the user
says which one with `tz=`. A `#XX` in the request stands for a character that could break the line.
Source: HAProxy configuration manual, chapter "HTTP log format".
"""

from __future__ import annotations

import re

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import converters, durations, instants, kinds
from incident_kit.read.values.kinds import Kind
from incident_kit.read.values.rewriting import rewrite_matching


def _total(value: pl.Expr) -> pl.Expr:
    """Read a total duration. A `+` before it means that HAProxy logged it before it was final."""
    return durations.milliseconds(1)(value.str.strip_prefix("+"))


def _count(value: pl.Expr) -> pl.Expr:
    return converters.whole(value.str.strip_prefix("+"))


def _server(value: pl.Expr) -> pl.Expr:
    """Read a server's name. `<NOSRV>` and `<STATS>` are not servers, so they become null."""
    return pl.when(~value.str.starts_with("<")).then(value)


def _request(value: pl.Expr) -> pl.Expr:
    """Read a request line, and turn each `#XX` back into the character that it stands for."""
    return rewrite_matching(converters.text(value), HASHED, _decoded_text)


def _cut_request(value: pl.Expr) -> pl.Expr:
    """Read a request line that was cut off: without a piece of its version, and none that has no target."""
    request = value.str.replace(CUT_VERSION, "")
    return _request(pl.when(request.str.contains(" [^ ]")).then(request))


def _decoded_text(value: str) -> str:
    return re.sub(f"(?:{HASHED})+", _character, value)


def _character(run: re.Match[str]) -> str:
    return bytes.fromhex(run[0].replace("#", "")).decode(errors="replace")


# HAProxy writes every version with a point: HTTP/2.0.
CUT_VERSION = r" (?:H|HT|HTT|HTTP|HTTP/|HTTP/\d|HTTP/\d\.)?$"
HASHED = r"#[0-9A-F]{2}"
TIME = Kind(
    instants.local_instant("%d/%b/%Y:%H:%M:%S%.f"),
    pattern=r"\d{2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2}(?:\.\d+)?",
)
TOTAL = Kind(_total, pattern=r"\+?-?\d+")
COUNT = Kind(_count, pattern=r"\+?-?\d+")
SERVER = Kind(_server, pattern=r"\S+")
# A bracket may belong to the time of another line, which was cut into this one.
HEADERS = Kind(
    lambda value: converters.text(value.str.strip_chars()),
    pattern=r"(?:\{[^}]*\} ){0,2}",
    plain=r"(?:\{[^}\[]*\} ){0,2}",
)
REQUEST = Kind(_request, read_plain=converters.text, plain=r"[A-Z]+ /[^\s\\\"#]* HTTP/\d(?:\.\d)?")
CUT_REQUEST = Kind(
    _cut_request,
    read_plain=converters.text,
    pattern=r'[^"]+',
    plain=r"[A-Z]+ /[^\s\\\"#]*(?: HTTP/\d\.\d)?",
)

TLS = (
    "connection_error",
    "tls_error",
    "client_error",
    "client_ca_error",
    "tls_resumed",
    "server_name",
    "tls_version",
)
VARIABLES = {
    "client": Variable("client", kinds.CLIENT),
    "accepted": Variable("timestamp", TIME),
    "frontend": Variable("frontend", kinds.BARE),
    "backend": Variable("backend", kinds.SHORT_WORD),
    "server": Variable("upstream_addr", SERVER),
    "request_ms": Variable("request_ms", kinds.MILLISECONDS),
    "queue_ms": Variable("queue_ms", kinds.MILLISECONDS),
    "connect_ms": Variable("connect_ms", kinds.MILLISECONDS),
    "response_ms": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "total_ms": Variable("duration_ms", TOTAL),
    "status": Variable("status", kinds.ANY_STATUS),
    "bytes": Variable("bytes_sent", COUNT),
    "request_cookie": Variable("request_cookie", kinds.BARE),
    "response_cookie": Variable("response_cookie", kinds.BARE),
    "state": Variable("termination_state", kinds.BARE),
    "active": Variable("active_connections", kinds.WHOLE),
    "frontend_active": Variable("frontend_connections", kinds.WHOLE),
    "backend_active": Variable("backend_connections", kinds.WHOLE),
    "server_active": Variable("server_connections", kinds.WHOLE),
    "retries": Variable("retries", COUNT),
    "server_queue": Variable("server_queue", kinds.WHOLE),
    "backend_queue": Variable("backend_queue", kinds.WHOLE),
    "headers": Variable("captured_headers", HEADERS),
    "request": Variable("request", REQUEST),
    "cut_request": Variable("request", CUT_REQUEST),
    **{name: Variable(name, kinds.SHORT_WORD) for name in TLS},
    "tls_cipher": Variable("tls_cipher", kinds.BARE),
    "tail": Variable("tail", kinds.REST),
}
BEGINNING = (
    "$client [$accepted] $frontend $backend/$server $request_ms/$queue_ms/$connect_ms/$response_ms/$total_ms "
    "$status $bytes $request_cookie $response_cookie $state "
    "$active/$frontend_active/$backend_active/$server_active/$retries $server_queue/$backend_queue"
)
SAMPLE = (
    "203.0.113.7:40124 [10/Oct/2026:13:55:36.123] https-in~ shop/web-1 10/30/1/204/250 200 612 - - ---- "
    '87/87/87/1/0 0/7 {shop.example.com} "GET /x HTTP/1.1"'
)

DERIVED = {
    "upstream_addr": pl.concat_str("$backend", pl.lit("/"), "upstream_addr"),
    "upstream_attempts": pl.when(pl.col("upstream_addr").is_not_null()).then(pl.col("$retries") + 1),
}


def _row(
    name: str, description: str, end: str, *samples: Sample, alias: str, open_ended: bool = False
) -> LogFormat:
    layout = template(BEGINNING + end, VARIABLES, escaped=False)
    return LogFormat(
        name,
        description,
        layout,
        VARIABLES,
        "start",
        samples,
        DERIVED,
        open_ended,
        aliases=(alias, "haproxy"),
    )


FORMATS = (
    _row(
        "haproxy_http",
        "HAProxy's httplog",
        ' $headers"$request"',
        Sample(
            SAMPLE,
            {
                "client_ip": "203.0.113.7",
                "client_port": 40124,
                "duration_ms": 250.0,
                "upstream_duration_ms": 204.0,
                "upstream_addr": "shop/web-1",
            },
        ),
        Sample(
            "203.0.113.7:40124 [10/Oct/2026:13:55:36.123] https-in https-in/<NOSRV> -1/-1/-1/-1/6001 408 212 "
            '- - cR-- 100/89/0/0/0 0/0 "<BADREQ>"',
            {"status": 408, "target": None, "upstream_addr": None, "duration_ms": 6001.0},
        ),
        alias="haproxy",
    ),
    _row(
        "haproxy_https",
        "HAProxy's httpslog: what TLS did stands after the request",
        ' $headers"$request" $connection_error/$tls_error/$client_error/$client_ca_error/$tls_resumed '
        "$server_name/$tls_version/$tls_cipher",
        Sample(
            f"{SAMPLE} 0/0/0/0/0 shop.example.com/TLSv1.3/TLS_AES_128_GCM_SHA256",
            {"duration_ms": 250.0, "path": "/x", "upstream_addr": "shop/web-1"},
        ),
        alias="haproxy_http",
    ),
    _row(
        "haproxy_http_tail",
        "HAProxy's httplog and a tail, which is kept in `extra`",
        ' $headers"$request"$tail',
        Sample(f"{SAMPLE} 0A000001:9CBC_0A000002:01BB", {"duration_ms": 250.0, "path": "/x"}),
        alias="haproxy_http",
        open_ended=True,
    ),
    _row(
        "haproxy_http_cut",
        "HAProxy's httplog, lines cut at the longest length that syslog takes",
        ' $headers"$cut_request',
        Sample(SAMPLE.removesuffix('x HTTP/1.1"') + "long", {"method": "GET", "path": "/long"}),
        alias="haproxy_http",
    ),
)
