"""CloudFront's real-time log, as AWS's documentation of its fields says."""

from __future__ import annotations

from urllib.parse import quote

from tests.read.writers.aws_cloudfront import COLUMNS, cloudfront_limits
from tests.read.writers.record import Record, Writer, seconds


def line(record: Record) -> str:
    agent = quote(record.user_agent, safe="/;:,+=&") if record.user_agent else "-"
    time = f"{int(record.at.timestamp())}.{record.at.microsecond // 1000:03}"
    return "\t".join(
        [
            time, record.client_ip, "0.113", str(record.status), str(record.bytes_sent), record.method,
            "https", "d111.cloudfront.net", record.target, "62", "CDG50-P2", record.request_id, record.host,
            seconds(record.duration_us), f"HTTP/{record.http_version}", "IPv4", agent, "-", "-",
            record.query or "-", "Miss", "-", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "Miss", "-", "-",
            "text/plain", "20", "-", "-", str(record.client_port), "Miss", "CH", "gzip",
            "*/*", "*", "-", "-", "5",
        ]
    )  # fmt: skip


WRITERS = {"aws_cloudfront_realtime": Writer(line, COLUMNS, tick_us=1000, limits=cloudfront_limits)}
