"""ingress-nginx, as the page "Log format" of its user guide says."""

from __future__ import annotations

from tests.read.writers.nginx import COLUMNS, UPSTREAM, combined
from tests.read.writers.record import Record, Writer, seconds


def line(record: Record) -> str:
    return (
        f"{combined(record)} 430 {seconds(record.duration_us)} [shop-cart-80] [] {record.upstream_addr} 612 "
        f"{seconds(record.upstream_us)} {record.upstream_status} {record.request_id}"
    )


def of_2019(record: Record) -> str:
    after = line(record).removeprefix(f"{record.client_ip} ")
    return f"{record.client_ip} - [{record.client_ip}] {after}"


def early(record: Record) -> str:
    return of_2019(record).replace("80] [] ", "80] ", 1)


def first(record: Record) -> str:
    return early(record).removesuffix(f" {record.request_id}")


WRITERS = {
    "ingress_nginx": Writer(line, (*COLUMNS, *UPSTREAM, "request_id")),
    "ingress_nginx_tail": Writer(
        lambda record: f"{line(record)} {record.host} -", (*COLUMNS, *UPSTREAM, "request_id")
    ),
    "ingress_nginx_2019": Writer(of_2019, (*COLUMNS, *UPSTREAM, "request_id")),
    "ingress_nginx_first": Writer(first, (*COLUMNS, *UPSTREAM)),
    "ingress_nginx_early": Writer(early, (*COLUMNS, *UPSTREAM, "request_id")),
}
