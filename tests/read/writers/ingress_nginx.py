"""ingress-nginx, as the page "Log format" of its user guide says."""

from __future__ import annotations

from tests.read.writers.nginx import COLUMNS, UPSTREAM, combined
from tests.read.writers.record import Record, Writer, seconds


def line(record: Record) -> str:
    return (
        f"{combined(record)} 430 {seconds(record.duration_us)} [shop-cart-80] [] {record.upstream_addr} 612 "
        f"{seconds(record.upstream_us)} {record.upstream_status} {record.request_id}"
    )


WRITERS = {"ingress_nginx": Writer(line, (*COLUMNS, *UPSTREAM, "request_id"))}
