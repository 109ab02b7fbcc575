"""Services in Go: logfmt as the package go-logfmt and logrus write it, and the message of Grafana's dskit."""

from __future__ import annotations

import json
import re

from tests.read.writers.record import Record, Writer, iso

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "host", "client_ip", "status", "bytes_sent",
    "duration_ms", "user_agent", "request_id",
)  # fmt: skip
MORE = (*COLUMNS, "user", "referer", "trace_id")
DSKIT = ("timestamp", "method", "target", "path", "query", "status", "duration_ms", "trace_id")


def value(text: str | None) -> str:
    """Write a value: between quotes if it holds blanks, quotes, equals signs or control characters."""
    return json.dumps(text, ensure_ascii=False) if re.search(r'[\x00-\x20="]', text or "") else text or ""


def taken(microseconds: int) -> str:
    """Write a duration as Go does."""
    minutes, rest = divmod(microseconds, 60 * 10**6)
    if minutes:
        return f"{minutes}m{rest // 10**6}.{rest % 10**6:06}s"
    for unit, size in {"s": 10**6, "ms": 10**3}.items():
        if microseconds >= size:
            return f"{microseconds // size}.{microseconds % size:0{len(str(size)) - 1}}{unit}"
    return f"{microseconds}µs"


def line(record: Record) -> str:
    return (
        f'ts={iso(record.at)} level=info msg="Request Completed" user={value(record.user)} '
        f"method={record.method} uri={value(record.target)} host={record.host} status={record.status} "
        f"remote_addr={record.client_ip} duration={taken(record.duration_us)} bytes={record.bytes_sent} "
        f"user_agent={value(record.user_agent)} referer={value(record.referer)} "
        f"request_id={record.request_id} traceID={record.trace_id} status_source=server"
    )


def quoted(text: str) -> str:
    """Write a value as logrus does: plain words as they are."""
    return text if re.fullmatch(r"[A-Za-z0-9./@^+_-]*", text) else json.dumps(text, ensure_ascii=False)


def registry(record: Record) -> str:
    return (
        f'time="{iso(record.at)}" level=info msg="response completed" go.version=go1.23.8 '
        f"http.request.host={record.host} http.request.id={record.request_id} "
        f"http.request.method={record.method} http.request.remoteaddr={quoted(record.client_ip)} "
        f"http.request.uri={quoted(record.target)} http.request.useragent={quoted(record.user_agent or '')} "
        f"http.response.duration={quoted(taken(record.duration_us))} http.response.status={record.status} "
        f"http.response.written={record.bytes_sent} "
    )


def dskit(record: Record) -> str:
    message = f"{record.method} {record.target} ({record.status}) {taken(record.duration_us)}"
    return (
        f"level=debug ts={iso(record.at)} caller=http.go:194 traceID={record.trace_id} msg={value(message)}"
    )


WRITERS = {
    "logfmt": Writer(line, MORE, tick_us=1, grain_us=1),
    "image_registry": Writer(registry, COLUMNS, tick_us=1, grain_us=1),
    "dskit": Writer(dskit, DSKIT, tick_us=1, grain_us=1),
}
