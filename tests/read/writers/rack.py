"""Rack, as its `CommonLogger` writes; clients percent-encode what they ask for."""

from __future__ import annotations

from tests.read.writers.apache import COLUMNS as APACHE
from tests.read.writers.python_servers import limits
from tests.read.writers.record import Record, Writer, clf, dash, seconds

COLUMNS = (*APACHE, "duration_ms")


def line(record: Record) -> str:
    return (
        f'{record.client_ip} - {dash(record.user)} [{clf(record.at)}] "{record.line}" {record.status} '
        f"{record.bytes_sent} {seconds(record.duration_us, 4)}"
    )


def local(record: Record) -> str:
    return line(record).replace(clf(record.at), f"{record.at:%d/%b/%Y %H:%M:%S}")


WRITERS = {
    "rack": Writer(line, COLUMNS, grain_us=100, limits=limits),
    "rack_local": Writer(local, COLUMNS, grain_us=100, limits=limits),
}
