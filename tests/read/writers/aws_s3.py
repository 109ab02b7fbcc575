"""Amazon S3, as the page "Amazon S3 server access log format" says: keys are URL-encoded, agents are kept."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from tests.read.writers.record import REQUEST, Record, Writer, clf, dash, without

COLUMNS = (
    "timestamp", *REQUEST, "client_ip", "user", "request_id", "status", "bytes_sent", "duration_ms",
    "referer", "user_agent",
)  # fmt: skip


def limits(record: Record) -> Record:
    return replace(
        record,
        target=quote(record.target, safe="/?=&%"),
        user_agent=without('"\\', record.user_agent),
        referer=without('"\\', record.referer),
    )


def early(record: Record) -> str:
    return (
        f"79a5 shop-images [{clf(record.at)}] {record.client_ip} {dash(record.user)} {record.request_id} "
        f'REST.GET.OBJECT key "{record.line}" {record.status} - {record.bytes_sent} {record.bytes_sent} '
        f'{record.duration_us // 1000} 12 "{dash(record.referer)}" "{dash(record.user_agent)}"'
    )


def line(record: Record) -> str:
    return f"{early(record)} - host SigV4 TLS_AES_128_GCM_SHA256 AuthHeader {record.host} TLSv1.3 - -"


WRITERS = {
    "aws_s3": Writer(line, (*COLUMNS, "host"), limits=limits),
    "aws_s3_bare": Writer(lambda record: line(record).replace('"-"', "-"), (*COLUMNS, "host"), limits=limits),
    "aws_s3_early": Writer(early, COLUMNS, limits=limits),
    "aws_s3_bare_early": Writer(lambda record: early(record).replace('"-"', "-"), COLUMNS, limits=limits),
}
