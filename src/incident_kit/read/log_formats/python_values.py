"""How the servers of Python applications write their values, and what the values mean."""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.values import converters, instants, kinds
from incident_kit.read.values.kinds import Kind


def _bare_time(value: pl.Expr) -> pl.Expr:
    return value.str.strip_chars("[]").str.replace("T", " ").str.replace(",", ".", literal=True)


def _peer(value: pl.Expr) -> pl.Expr:
    """Read an address with its port. uvicorn's first versions wrote it as a Python tuple."""
    return converters.text(value.str.replace(r"^\('(.*)', (\d+)\)$", "$1:$2"))


def _host(value: pl.Expr) -> pl.Expr:
    return converters.without_port(value.str.extract(r"^(\S+)"))


LOCAL_TIME = Kind(
    lambda value: instants.local_instant("%Y-%m-%d %H:%M:%S%.f")(_bare_time(value)),
    pattern=r"\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?\]?",
)
ZONED_TIME = Kind(
    instants.instant("%Y-%m-%d %H:%M:%S %z"), pattern=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}"
)
# uvicorn's formatter may leave the level out, and Python's logging may put the logger's name beside it. Other
# loggers put a bar, a host or a process before the line.
LEVEL = Kind(
    lambda value: value.str.extract(r"([A-Z]+)"),
    pattern=r"(?:[A-Z]+:? +|[A-Z]+:[\w.]+:|\[[A-Z]+\] +)?",
    bounded=True,
)
BEFORE = Kind(
    lambda value: value.str.extract(r"\b([A-Z]{4,})\b"),
    pattern=r"(?:(?:[-|]|\[[\w.:=/ -]+\]|[\w./-]+(?:\[[\w.]+\])?(?::[\w.]+)*:?) +)*?",
    bounded=True,
)
DAY_AND_TIME = Kind(
    lambda value: instants.local_instant("%d/%b/%Y %H:%M:%S")(value.str.replace(r"^(.{11}):", "$1 ")),
    pattern=r"\d{2}/[A-Za-z]{3}/\d{4}[ :]\d\d:\d\d:\d\d",
    width=20,
)
# Werkzeug writes terminal colours within the quotes. Such lines match only after the colours are removed.
UNCOLOURED = Kind(converters.text, pattern=r"[^\x1b]*?", plain=kinds.REQUEST_LINE.plain)
# Django leaves the client out; Daphne writes its port.
FROM = Kind(_host, pattern=rf"(?:{kinds.PEER} - - )?", bounded=True)
REASON = Kind(
    lambda value: converters.text(value.str.strip_chars()), pattern=r"(?: [A-Za-z' -]+)?", bounded=True
)
# A client on a Unix socket has no address.
CLIENT = Kind(
    _peer, pattern=r"(?:(?:[^\s:,'()]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:%\w+)?):\d+|\('[^']*', \d+\))?"
)
SHORT_WORD = Kind(converters.text, pattern=r"\S*?", plain=r"[^\s\"\\]*?")
HYPERCORN = NGINX | {
    "client": Variable("client", kinds.CLIENT),
    "method": Variable("method", Kind(converters.text, pattern=r"[A-Z][A-Z-]*")),
    "target": Variable("target", SHORT_WORD),
    "version": Variable("http_version", Kind(converters.text, pattern=r"\d(?:\.\d)?")),
}
VARIABLES = {
    "time": Variable("timestamp", LOCAL_TIME),
    "day_and_time": Variable("timestamp", DAY_AND_TIME),
    "from": Variable("client_ip", FROM),
    "size": Variable("bytes_sent", kinds.WHOLE),
    "zoned": Variable("timestamp", ZONED_TIME),
    "taken": Variable("timestamp", kinds.ISO_TIME),
    "level": Variable("level", LEVEL),
    "before": Variable("level", BEFORE),
    "process": Variable("process", kinds.SHORT_WORD),
    "severity": Variable("level", kinds.SHORT_WORD),
    "client": Variable("client", CLIENT),
    "address": Variable("client_ip", kinds.ADDRESS),
    "taken_ms": Variable("duration_ms", kinds.MILLISECONDS),
    "request": Variable("request", kinds.REQUEST_LINE),
    "uncoloured": Variable("request", UNCOLOURED),
    "status": Variable("status", kinds.STATUS),
    "reason": Variable("reason", REASON),
}
GUNICORN = NGINX | {"rest": Variable("rest", kinds.OPTIONAL_REST)}
