"""nginx, as its documentation of `log_format` and of escaping says."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.record import REQUEST, Record, Writer, clf, dash, nginx_escaped, seconds

AFTER = ("referer", "user_agent")
COLUMNS = ("timestamp", *REQUEST, "client_ip", "user", "status", "bytes_sent", "referer", "user_agent")


def combined(record: Record) -> str:
    return (
        f"{record.client_ip} - {dash(record.user)} [{clf(record.at)}] "
        f'"{nginx_escaped(record.line)}" {record.status} {record.bytes_sent} '
        f'"{nginx_escaped(record.referer)}" "{nginx_escaped(record.user_agent)}"'
    )


def with_port(record: Record) -> str:
    address = f"[{record.client_ip}]" if ":" in record.client_ip else record.client_ip
    return f"{address}:{record.client_port}{combined(record).removeprefix(record.client_ip)}"


def tail(record: Record) -> str:
    return (
        f'{combined(record)} rt={seconds(record.duration_us)} urt="{seconds(record.upstream_us)}" '
        f'ua="{record.upstream_addr}" us="{record.upstream_status}" '
        f'traceparent="00-{record.trace_id}-00f067aa0ba902b7-01"'
    )


def common_tail(record: Record) -> str:
    common, _, _ = combined(record).rsplit(' "', 2)
    return (
        f'{common} rt={seconds(record.duration_us)} urt="{seconds(record.upstream_us)}" '
        f'upstream="{record.upstream_addr}" us="{record.upstream_status}"'
    )


def finely_timed(record: Record) -> str:
    fraction = f".{record.at.microsecond // 1000:03d}"
    return combined(record).replace(clf(record.at), clf(record.at).replace(" +", f"{fraction} +"), 1) + " 7 -"


UPSTREAM = ("duration_ms", "upstream_duration_ms", "upstream_addr", "upstream_status")
WRITERS = {
    "nginx_combined": Writer(combined, COLUMNS),
    "nginx_combined_port": Writer(with_port, (*COLUMNS, "client_port")),
    "nginx_without_user": Writer(
        lambda record: combined(replace(record, user=None)).replace(" - - [", " - [", 1),
        tuple(name for name in COLUMNS if name != "user"),
    ),
    "nginx_combined_finely_timed": Writer(finely_timed, COLUMNS, tick_us=1000),
    "nginx_main": Writer(lambda record: f'{combined(record)} "203.0.113.9"', COLUMNS),
    "nginx_common_tail": Writer(common_tail, (*(name for name in COLUMNS if name not in AFTER), *UPSTREAM)),
    "nginx_vhost_combined_tail": Writer(
        lambda record: f"{record.host} {tail(record)}", (*COLUMNS, *UPSTREAM, "host", "trace_id")
    ),
    "nginx_combined_tail": Writer(tail, (*COLUMNS, *UPSTREAM, "trace_id")),
}
