"""HAProxy with `option httplog clf`."""

from __future__ import annotations

from tests.read.writers.haproxy import COLUMNS, hashed
from tests.read.writers.record import Record, Writer, clf


def line(record: Record) -> str:
    return (
        f'{record.client_ip} - - [{clf(record.at)}] "{hashed(record.line)}" {record.status} '
        f'{record.bytes_sent} "" "" {record.client_port} {record.at.microsecond // 1000} '
        f'"https-in~" "shop" "web-1" 1 0 0 {record.upstream_us // 1000} {record.duration_us // 1000} '
        '"----" 1 1 0 0 0 0 0 "" "" "shop.example.com" ""'
    )


WRITERS = {"haproxy_clf": Writer(line, COLUMNS, tick_us=1000)}
