"""Envoy and Istio, as the pages about access logging say: text without escapes, times in milliseconds."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.record import REQUEST, Record, Writer, dash, iso, without

COLUMNS = (
    "timestamp", *REQUEST, "host", "status", "bytes_sent", "duration_ms", "upstream_duration_ms",
    "upstream_addr", "user_agent", "request_id",
)  # fmt: skip


def limits(record: Record) -> Record:
    """A header holds no control characters; a quote in one is told apart by what follows only."""
    return replace(
        record, user_agent=without('"', record.user_agent), target=without('"', record.target) or "/"
    )


def _beginning(record: Record) -> str:
    return f'[{iso(record.at, 3)}] "{record.line}" {record.status} '


def _end(record: Record) -> str:
    return (
        f"0 {record.bytes_sent} {record.duration_us // 1000} {record.upstream_us // 1000} "
        f'"{record.client_ip}" "{dash(record.user_agent)}" "{record.request_id}" "{record.host}" '
        f'"{record.upstream_addr}"'
    )


def envoy(record: Record) -> str:
    return f"{_beginning(record)}UF,URX {_end(record)}"


def istio(record: Record) -> str:
    return (
        f'{_beginning(record)}- via_upstream - "-" {_end(record)} outbound|80||cart.svc.local 10.2.0.9:80 '
        f"10.2.0.9:80 10.1.0.4:40124 - default"
    )


def early_istio(record: Record, failure: str = "") -> str:
    return (
        f'{_beginning(record)}- "-" {failure}{_end(record)} outbound|80||cart.svc.local 10.2.0.9:80 '
        f"10.2.0.9:80 10.1.0.4:40124 -"
    )


WRITERS = {
    "envoy_text": Writer(envoy, (*COLUMNS, "client_ip"), tick_us=1000, limits=limits),
    "istio_text": Writer(istio, (*COLUMNS, "client_ip"), tick_us=1000, limits=limits),
    "istio_text_1_1": Writer(early_istio, (*COLUMNS, "client_ip"), tick_us=1000, limits=limits),
    "istio_text_1_3": Writer(
        lambda record: early_istio(record, '"-" ') + " default",
        (*COLUMNS, "client_ip"),
        tick_us=1000,
        limits=limits,
    ),
    "istio_text_1_6": Writer(
        lambda record: early_istio(record) + " default",
        (*COLUMNS, "client_ip"),
        tick_us=1000,
        limits=limits,
    ),
    "envoy_text_tail": Writer(
        lambda record: f'{envoy(record)} "-" 7', (*COLUMNS, "client_ip"), tick_us=1000, limits=limits
    ),
}
