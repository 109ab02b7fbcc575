"""nginx Proxy Manager and NPMplus, as the `log_format` lines in their own configuration say."""

from __future__ import annotations

from tests.read.writers.record import Record, Writer, clf, nginx_escaped, seconds

MANAGER = ("timestamp", "status", "method", "host", "target", "path", "query", "client_ip", "bytes_sent")
AGENTS = ("user_agent", "referer")


def _managed(record: Record, statuses: str, sent_to: str = "") -> str:
    return (
        f"[{clf(record.at)}] {statuses} - {record.method} https {record.host} "
        f'"{nginx_escaped(record.target)}" [Client {record.client_ip}] [Length {record.bytes_sent}] [Gzip -] '
        f'{sent_to}"{nginx_escaped(record.user_agent)}" "{nginx_escaped(record.referer)}"'
    )


def proxied(record: Record) -> str:
    statuses = f"MISS {record.upstream_status} {record.status}"
    return _managed(record, statuses, f"[Sent-to {record.upstream_addr}] ")


def redirected(record: Record) -> str:
    return _managed(record, str(record.status), f"[Sent-to {record.upstream_addr}] ")


def timed(record: Record) -> str:
    return (
        f"[{clf(record.at)}] {record.host} {record.client_ip} {seconds(record.duration_us)} "
        f'"{nginx_escaped(record.line)}" {record.status} {record.bytes_sent} 843 - '
        f"{nginx_escaped(record.user_agent)}"
    )


WRITERS = {
    "nginx_proxy_manager": Writer(proxied, (*MANAGER, *AGENTS, "upstream_addr", "upstream_status")),
    "nginx_proxy_manager_standard": Writer(
        lambda record: _managed(record, str(record.status)), (*MANAGER, *AGENTS)
    ),
    "nginx_proxy_manager_redirected": Writer(redirected, (*MANAGER, *AGENTS, "upstream_addr")),
    "nginx_timed_host": Writer(timed, (*MANAGER, "http_version", "duration_ms", "user_agent")),
}
