"""Traefik, as the page "Access logs" says: CLF with quotes around raw text, and JSON in nanoseconds."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.go_json import go_json
from tests.read.writers.record import REQUEST, Record, Writer, clf, dash, iso, without

COLUMNS = ("timestamp", *REQUEST, "client_ip", "user", "status", "bytes_sent", "duration_ms", "upstream_addr")
AGENTS = ("user_agent", "referer")


def limits(record: Record) -> Record:
    """A header holds no control characters; a quote in one is told apart by what follows only."""
    return replace(
        record,
        target=without('"', record.target) or "/",
        user_agent=without('"', record.user_agent),
        referer=without('"', record.referer),
    )


def text(record: Record) -> str:
    return (
        f'{record.client_ip} - {dash(record.user)} [{clf(record.at)}] "{record.line}" {record.status} '
        f'{record.bytes_sent} "{dash(record.referer)}" "{dash(record.user_agent)}" 7 "shop@docker" '
        f'"{record.upstream_addr}" {record.duration_us // 1000}ms'
    )


def bare(record: Record) -> str:
    return text(record).replace('"-"', "-")


def as_json(record: Record) -> str:
    return go_json(
        {
            "ClientAddr": f"{record.client_ip}:{record.client_port}",
            "ClientHost": record.client_ip,
            "ClientPort": str(record.client_port),
            "ClientUsername": dash(record.user),
            "DownstreamContentSize": record.bytes_sent,
            "DownstreamStatus": record.status,
            "Duration": record.duration_us * 1000,
            "OriginDuration": record.upstream_us * 1000,
            "OriginStatus": record.upstream_status,
            "RequestHost": record.host,
            "RequestMethod": record.method,
            "RequestPath": record.target,
            "RequestProtocol": f"HTTP/{record.http_version}",
            "RetryAttempts": 0,
            "ServiceAddr": record.upstream_addr,
            "StartUTC": iso(record.at),
            "TraceId": record.trace_id,
            "level": "info",
            "msg": "",
            "request_Referer": record.referer or "",
            "request_User-Agent": record.user_agent or "",
            "time": iso(record.at, 0),
        }
    )


JSON = (
    *COLUMNS, *AGENTS, "host", "client_port", "upstream_status", "upstream_duration_ms", "trace_id",
)  # fmt: skip
WRITERS = {
    "traefik_clf": Writer(text, (*COLUMNS, *AGENTS), limits=limits),
    "traefik_clf_bare": Writer(bare, (*COLUMNS, *AGENTS), limits=limits),
    "traefik_json": Writer(as_json, JSON, tick_us=1, grain_us=1),
}
