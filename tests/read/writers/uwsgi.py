"""uWSGI, as `uwsgi_logit_simple` in its source writes a line."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.record import REQUEST, Record, Writer, without

COLUMNS = ("timestamp", *REQUEST, "client_ip", "user", "status", "bytes_sent", "duration_ms")


def limits(record: Record) -> Record:
    """Return the record without what would end the user's name or the target."""
    return replace(record, user=without("()", record.user), target=without("\\", record.target) or "/")


def _line(record: Record, took: str) -> str:
    return (
        f"[pid: 7|app: -1|req: -1/5] {record.client_ip} ({record.user or ''}) {{44 vars in 1322 bytes}} "
        f"[{record.at:%a %b %e %H:%M:%S %Y}] {record.method} {record.target} => generated "
        f"{record.bytes_sent} bytes in {took} via sendfile() (HTTP/{record.http_version} {record.status}) "
        "4 headers in 188 bytes "
        "(1 switches on core 0)"
    )


WRITERS = {
    "uwsgi": Writer(
        lambda record: _line(record, f"{record.duration_us // 1000} msecs"), COLUMNS, limits=limits
    ),
    "uwsgi_micros": Writer(
        lambda record: _line(record, f"{record.duration_us} micros"), COLUMNS, grain_us=1, limits=limits
    ),
}
