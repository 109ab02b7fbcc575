"""Apache httpd, as the pages of `mod_log_config` and "Log Files" say."""

from __future__ import annotations

from tests.read.writers.record import REQUEST, Record, Writer, apache_escaped, clf, dash

COLUMNS = ("timestamp", *REQUEST, "client_ip", "user", "status", "bytes_sent")
AGENTS = ("referer", "user_agent")


def common(record: Record) -> str:
    return (
        f"{record.client_ip} - {dash(record.user)} [{clf(record.at)}] "
        f'"{apache_escaped(record.line)}" {record.status} {record.bytes_sent}'
    )


def combined(record: Record) -> str:
    return f'{common(record)} "{apache_escaped(record.referer)}" "{apache_escaped(record.user_agent)}"'


def ssl_request(record: Record) -> str:
    return (
        f"[{clf(record.at)}] {record.client_ip} TLSv1.3 TLS_AES_128_GCM_SHA256 "
        f'"{apache_escaped(record.line)}" {record.bytes_sent}'
    )


WRITERS = {
    "apache_common": Writer(common, COLUMNS),
    "apache_combined": Writer(combined, (*COLUMNS, *AGENTS)),
    "apache_vhost_combined": Writer(
        lambda record: f"{record.host}:443 {combined(record)}", (*COLUMNS, *AGENTS, "host")
    ),
    "apache_host_combined": Writer(
        lambda record: f"{record.host} {combined(record)}", (*COLUMNS, *AGENTS, "host")
    ),
    "apache_combined_host": Writer(
        lambda record: combined(record).replace(" - ", f" {record.host} ", 1), (*COLUMNS, *AGENTS, "host")
    ),
    "apache_host_common": Writer(lambda record: f"{record.host} {common(record)}", (*COLUMNS, "host")),
    "apache_ssl_request": Writer(ssl_request, ("timestamp", *REQUEST, "client_ip", "bytes_sent")),
    "apache_combinedio": Writer(lambda record: f"{combined(record)} 430 843", (*COLUMNS, *AGENTS)),
    "apache_forwarded": Writer(
        lambda record: f'{combined(record)} "203.0.113.9, 10.0.0.1"', (*COLUMNS, *AGENTS)
    ),
    "apache_host_forwarded": Writer(
        lambda record: f'{record.host} {combined(record)} "203.0.113.9"', (*COLUMNS, *AGENTS, "host")
    ),
    "apache_common_tail": Writer(lambda record: f"{common(record)} {record.duration_us}", COLUMNS),
    "apache_common_values": Writer(
        lambda record: f'{common(record)} 10.0.0.9 + 400 "http://a.b/" "curl"', COLUMNS
    ),
}
