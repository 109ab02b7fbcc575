"""Cloudflare's Logpush, as its documentation of the data set says."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.cloud_json import BASIC, UPSTREAM, URL, known
from tests.read.writers.go_json import go_json
from tests.read.writers.record import Record, Writer


def cloudflare(record: Record) -> str:
    start, end = (int(time.timestamp()) * 10**9 + time.microsecond * 1000 for time in (record.at, record.end))
    return go_json(
        known(
            EdgeStartTimestamp=start, EdgeEndTimestamp=end, ClientRequestMethod=record.method,
            ClientRequestURI=record.target, ClientRequestHost=record.host,
            ClientRequestProtocol=f"HTTP/{record.http_version}", ClientIP=record.client_ip,
            ClientRequestUserAgent=record.user_agent or "", ClientRequestReferer=record.referer or "",
            EdgeResponseStatus=record.status, EdgeResponseBytes=record.bytes_sent,
            OriginIP=record.upstream_addr, OriginResponseStatus=record.upstream_status,
            OriginResponseDurationMs=record.upstream_us // 1000, RayID=record.request_id,
        )
    )  # fmt: skip


def in_a_fraction(record: Record) -> Record:
    """Return the record a moment after the full second: times in whole seconds tell no duration."""
    return replace(record, at=record.at.replace(microsecond=record.at.microsecond or 1))


WRITERS = {
    "cloudflare": Writer(
        cloudflare, (*BASIC, *URL, *UPSTREAM, "referer"), tick_us=1, grain_us=1, limits=in_a_fraction
    ),
}
