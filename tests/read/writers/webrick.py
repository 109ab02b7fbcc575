"""WEBrick, which writes what it was sent as it came, and its zone's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.read.writers.apache import AGENTS, COLUMNS
from tests.read.writers.python_servers import limits as encoded
from tests.read.writers.record import Record, Writer, dash, without


def limits(record: Record) -> Record:
    """Only control characters and backslashes are escaped, so a quote could not be told from the end."""
    return replace(encoded(record), target=str(without('"\\', encoded(record).target)))


def line(record: Record) -> str:
    return (
        f"{record.client_ip} - {dash(record.user)} [{record.at + timedelta(hours=9):%d/%b/%Y:%H:%M:%S} JST] "
        f'"{record.line}" {record.status} {record.bytes_sent}'
    )


def combined_limits(record: Record) -> Record:
    """Headers are written as they came, so one with a quote in it could not be told from the next."""
    plain = {name: without('"\\', getattr(record, name)) for name in ("referer", "user_agent")}
    return replace(limits(record), **plain)


def combined(record: Record) -> str:
    return f'{line(record)} "{dash(record.referer)}" "{dash(record.user_agent)}"'


WRITERS = {
    "webrick": Writer(line, COLUMNS, limits=limits),
    "webrick_combined": Writer(combined, (*COLUMNS, *AGENTS), limits=combined_limits),
}
