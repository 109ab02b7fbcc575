"""Rails with lograge, which writes values as they come; clients encode the blanks in what they ask for."""

from __future__ import annotations

import json

from tests.read.writers.record import Record, Writer, iso

COLUMNS = ("timestamp", "method", "target", "path", "query", "status", "duration_ms", "user")


def pairs(record: Record) -> str:
    return (
        f"method={record.method} path={record.target} format=*/* controller=CartsController action=show "
        f"status={record.status} duration={record.duration_us / 1000:.3f} view=0.00 db=0.74 "
        f"user={record.user or ''}"
    )


def line(record: Record) -> str:
    return f"{iso(record.at)} {pairs(record)}"


def local(record: Record) -> str:
    return f"I, [{record.at:%Y-%m-%dT%H:%M:%S.%f} #7]  INFO -- : [{record.request_id}] {pairs(record)}"


def in_json(record: Record) -> str:
    return json.dumps(
        {
            "method": record.method, "path": record.target, "format": "html", "controller": "CartsController",
            "action": "show", "status": record.status, "duration": record.duration_us / 1000, "view": 0.0,
            "user": record.user, "@timestamp": iso(record.at),
        }
    )  # fmt: skip


WRITERS = {
    "lograge": Writer(line, COLUMNS, tick_us=1, grain_us=1),
    "lograge_json": Writer(in_json, COLUMNS, tick_us=1, grain_us=1),
    "lograge_local": Writer(local, COLUMNS, tick_us=1, grain_us=1),
}
