"""HAProxy, as chapters "HTTP log format" and "Non-printable characters" of its manual say."""

from __future__ import annotations

from tests.read.writers.record import REQUEST, Record, Writer

COLUMNS = (
    "timestamp", *REQUEST, "client_ip", "client_port", "status", "bytes_sent", "duration_ms",
    "upstream_duration_ms",
)  # fmt: skip


def hashed(text: str) -> str:
    """Write a number sign and two digits for what is not printable, for quotes and for the sign itself."""
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"#' else f"#{byte:02X}" for byte in text.encode()
    )


def line(record: Record) -> str:
    accepted = record.at.strftime("%d/%b/%Y:%H:%M:%S.%f")[:-3]
    return (
        f"{record.client_ip}:{record.client_port} [{accepted}] https-in~ shop/web-1 "
        f"1/0/0/{record.upstream_us // 1000}/{record.duration_us // 1000} {record.status} "
        f"{record.bytes_sent} "
        f'- - ---- 1/1/0/0/0 0/0 {{shop.example.com|}} "{hashed(record.line)}"'
    )


WRITERS = {
    "haproxy_http": Writer(line, COLUMNS, tick_us=1000),
    "haproxy_https": Writer(
        lambda record: f"{line(record)} 0/0/0/0/0 shop.example.com/TLSv1.3/TLS_AES_128_GCM_SHA256",
        COLUMNS,
        tick_us=1000,
    ),
    "haproxy_http_tail": Writer(
        lambda record: f"{line(record)} {record.request_id} -", COLUMNS, tick_us=1000
    ),
    "haproxy_http_cut": Writer(
        lambda record: line(record).removesuffix(f' HTTP/{record.http_version}"'),
        tuple(name for name in COLUMNS if name != "http_version"),
        tick_us=1000,
    ),
}
