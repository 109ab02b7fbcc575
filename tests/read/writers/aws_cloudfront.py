"""CloudFront's standard log, as AWS's documentation of the fields says."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from tests.read.writers.record import Record, Writer, dash, query_or_none, seconds

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "client_ip", "status", "bytes_sent", "duration_ms",
    "user_agent", "host", "request_id", "client_port", "http_version",
)  # fmt: skip


def cloudfront_limits(record: Record) -> Record:
    """Paths are encoded as they were asked for; a percent sign in a header looks like an escape."""
    encoded = replace(record, target=quote(query_or_none(record).target, safe="/?=&+,:;"))
    return replace(encoded, user_agent=record.user_agent and record.user_agent.replace("%", ""))


def cloudfront(record: Record) -> str:
    agent = quote(record.user_agent, safe="/;:,+=&") if record.user_agent else "-"
    return "\t".join(
        [
            f"{record.at:%Y-%m-%d}", f"{record.at:%H:%M:%S}", "CDG50-P2", str(record.bytes_sent),
            record.client_ip, record.method, "d111.cloudfront.net", record.path, str(record.status), "-",
            agent, dash(record.query), "-", "Miss", dash(record.request_id), record.host, "https", "62",
            seconds(record.duration_us), "-", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "Miss",
            f"HTTP/{record.http_version}", "-", "-", str(record.client_port), "0.113", "Miss", "text/plain",
            "20", "-", "-",
        ]
    )  # fmt: skip


WRITERS = {
    "aws_cloudfront": Writer(cloudfront, COLUMNS, limits=cloudfront_limits),
}
