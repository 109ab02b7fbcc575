"""The host, or the forwarded-for header, before `combined`, as nginx writes it."""

from __future__ import annotations

from tests.read.writers.nginx import COLUMNS, combined, with_port
from tests.read.writers.record import Record, Writer


def request_id(record: Record) -> str:
    after = combined(record).removeprefix(f"{record.client_ip} - ")
    return f"{record.host} {record.client_ip} - {record.request_id} {after}"


def port_and_host(record: Record) -> str:
    client, _, rest = with_port(record).partition(" ")
    return f"{client} {record.host} {rest}"


WRITERS = {
    "nginx_vhost_request_id": Writer(request_id, (*COLUMNS, "host", "request_id")),
    "nginx_vhost_combined": Writer(lambda record: f"{record.host} {combined(record)}", (*COLUMNS, "host")),
    "nginx_port_vhost_combined": Writer(port_and_host, (*COLUMNS, "host", "client_port")),
    "nginx_vhost_main": Writer(
        lambda record: f'{record.host} {combined(record)} "203.0.113.9"', (*COLUMNS, "host")
    ),
    "nginx_forwarded": Writer(lambda record: f'"{record.client_ip}, 10.0.0.1" {combined(record)}', COLUMNS),
    "nginx_vhost_forwarded": Writer(
        lambda record: f"{record.host} {record.client_ip} {combined(record)}", (*COLUMNS, "host")
    ),
}
