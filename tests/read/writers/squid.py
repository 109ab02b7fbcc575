"""Squid, as its directive `logformat` says: a URL's white space and control characters are encoded."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from tests.read.writers.record import Record, Writer, apache_escaped, clf, dash, seconds

COLUMNS = (
    "timestamp", "method", "path", "query", "host", "client_ip", "user", "status", "bytes_sent",
    "duration_ms", "upstream_addr",
)  # fmt: skip


def limits(record: Record) -> Record:
    return replace(record, target=quote(record.target, safe="!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"))


def line(record: Record) -> str:
    time = seconds(int(record.at.timestamp()) * 10**6 + record.at.microsecond)
    return (
        f"{time} {record.duration_us // 1000:6} {record.client_ip} TCP_MISS/{record.status:03} "
        f"{record.bytes_sent} {record.method} http://{record.host}:80{record.target} {dash(record.user)} "
        f"HIER_DIRECT/{record.upstream_addr} text/html"
    )


CLF = (
    "timestamp", "method", "path", "query", "host", "http_version", "client_ip", "user", "status",
    "bytes_sent",
)  # fmt: skip


def common(record: Record, agents: str = "") -> str:
    return (
        f"{record.client_ip} - {dash(record.user)} [{clf(record.at)}] "
        f'"{record.method} http://{record.host}:80{apache_escaped(record.target)} '
        f'HTTP/{record.http_version}" {record.status} {record.bytes_sent} {agents}TCP_MISS:HIER_DIRECT'
    )


def combined(record: Record) -> str:
    agents = f'"{apache_escaped(record.referer)}" "{apache_escaped(record.user_agent)}" '
    return common(record, agents)


WRITERS = {
    "squid": Writer(line, COLUMNS, tick_us=1000, limits=limits),
    "squid_common": Writer(common, CLF, limits=limits),
    "squid_combined": Writer(combined, (*CLF, "referer", "user_agent"), limits=limits),
}
