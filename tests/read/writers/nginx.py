"""nginx, as its documentation of `log_format` and of escaping says."""

from __future__ import annotations

from tests.read.writers.record import REQUEST, Record, Writer, clf, dash, nginx_escaped, seconds

COLUMNS = ("timestamp", *REQUEST, "client_ip", "user", "status", "bytes_sent", "referer", "user_agent")


def combined(record: Record) -> str:
    return (
        f"{record.client_ip} - {dash(record.user)} [{clf(record.at)}] "
        f'"{nginx_escaped(record.line)}" {record.status} {record.bytes_sent} '
        f'"{nginx_escaped(record.referer)}" "{nginx_escaped(record.user_agent)}"'
    )


def tail(record: Record) -> str:
    return (
        f'{combined(record)} rt={seconds(record.duration_us)} urt="{seconds(record.upstream_us)}" '
        f'ua="{record.upstream_addr}" us="{record.upstream_status}" '
        f'traceparent="00-{record.trace_id}-00f067aa0ba902b7-01"'
    )


UPSTREAM = ("duration_ms", "upstream_duration_ms", "upstream_addr", "upstream_status")
WRITERS = {
    "nginx_combined": Writer(combined, COLUMNS),
    "nginx_main": Writer(lambda record: f'{combined(record)} "203.0.113.9"', COLUMNS),
    "nginx_combined_tail": Writer(tail, (*COLUMNS, *UPSTREAM, "trace_id")),
}
