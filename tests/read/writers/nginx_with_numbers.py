"""`combined` with durations or numbers before the referer, as nginx writes it."""

from __future__ import annotations

from tests.read.writers.nginx import COLUMNS, combined
from tests.read.writers.record import Record, Writer, seconds


def timed_combined(record: Record) -> str:
    sizes = f'" {record.status} {record.bytes_sent} '
    times = f"{seconds(record.duration_us)} {seconds(record.upstream_us)} "
    return combined(record).replace(sizes, sizes + times, 1) + ' "-"'


def numbered(record: Record) -> str:
    sizes = f'" {record.status} {record.bytes_sent} '
    return combined(record).replace(sizes, f"{sizes}430 843 ", 1) + ' X-Forwarded-For="-"'


WRITERS = {
    "nginx_timed": Writer(timed_combined, (*COLUMNS, "duration_ms", "upstream_duration_ms")),
    "nginx_numbered": Writer(numbered, COLUMNS),
}
