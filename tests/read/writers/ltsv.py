"""LTSV, as ltsv.org recommends its labels, from nginx, which writes a tab as an escape."""

from __future__ import annotations

from tests.read.writers.record import REQUEST, Record, Writer, clf, dash, nginx_escaped, seconds

COLUMNS = (
    "timestamp", *REQUEST, "host", "client_ip", "user", "status", "bytes_sent", "duration_ms",
    "upstream_duration_ms", "user_agent", "referer", "request_id",
)  # fmt: skip


def line(record: Record) -> str:
    return "\t".join(
        [
            f"time:[{clf(record.at)}]",
            f"host:{record.client_ip}",
            f"user:{dash(record.user)}",
            f"req:{nginx_escaped(record.line)}",
            f"status:{record.status}",
            f"size:{record.bytes_sent}",
            f"referer:{nginx_escaped(record.referer)}",
            f"ua:{nginx_escaped(record.user_agent)}",
            f"vhost:{record.host}",
            f"reqtime:{seconds(record.duration_us)}",
            f"apptime:{seconds(record.upstream_us)}",
            f"reqid:{record.request_id}",
        ]
    )


WRITERS = {"ltsv": Writer(line, COLUMNS)}
