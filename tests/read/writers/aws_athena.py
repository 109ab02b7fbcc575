"""Rows of Athena, all of them text, with the columns that AWS's definitions of the tables name."""

from __future__ import annotations

import json

from incident_kit.read.log_formats.aws_cloudfront import CLOUDFRONT_FIELDS
from tests.read.writers import aws_cloudfront, aws_load_balancers, aws_s3
from tests.read.writers.cloud_json import known, url
from tests.read.writers.record import Record, Writer, clf, dash, iso, seconds

BALANCER = (
    "timestamp", "method", "path", "query", "http_version", "host", "client_ip", "client_port", "status",
    "bytes_sent", "duration_ms", "upstream_status", "upstream_duration_ms", "user_agent", "trace_id",
)  # fmt: skip

# A field and its column: cs(User-Agent), cs_user_agent.
COLUMN = str.maketrans({"(": "_", "-": "_", ")": None})


def balancer(record: Record) -> str:
    taken = record.duration_us // 1000 * 1000 - record.upstream_us
    columns = known(
        type="https", time=iso(record.at), elb="app/shop/49", client_ip=record.client_ip,
        client_port=str(record.client_port), target_ip="10.0.0.1", target_port="80",
        request_processing_time="0.0", target_processing_time=seconds(record.upstream_us),
        response_processing_time=seconds(taken), elb_status_code=str(record.status),
        target_status_code=str(record.upstream_status), sent_bytes=str(record.bytes_sent),
        request_verb=record.method, request_url=url(record), request_proto=f"HTTP/{record.http_version}",
        user_agent=record.user_agent, domain_name=record.host,
        trace_id=f"Root=1-{record.trace_id[:8]}-{record.trace_id[8:]}",
    )  # fmt: skip
    return json.dumps(columns)


def cloudfront(record: Record) -> str:
    names = (
        field.lower().replace("(", "_").replace(")", "").replace("-", "_") for field in CLOUDFRONT_FIELDS
    )
    return json.dumps(dict(zip(names, aws_cloudfront.cloudfront(record).split("\t"), strict=True)))


def s3(record: Record) -> str:
    columns = {
        "bucketowner": "79a5", "bucket_name": "shop-images", "requestdatetime": clf(record.at),
        "remoteip": record.client_ip, "requester": dash(record.user), "requestid": record.request_id,
        "operation": "REST.GET.OBJECT", "key": "key", "request_uri": f'"{record.line}"',
        "httpstatus": str(record.status), "errorcode": "-", "bytessent": str(record.bytes_sent),
        "totaltime": str(record.duration_us // 1000), "turnaroundtime": "12",
        "referrer": f'"{dash(record.referer)}"', "useragent": f'"{dash(record.user_agent)}"',
    }  # fmt: skip
    return json.dumps(columns)


WRITERS = {
    "aws_athena_load_balancer": Writer(balancer, BALANCER, tick_us=1, limits=aws_load_balancers.limits),
    "aws_athena_cloudfront": Writer(
        cloudfront, aws_cloudfront.COLUMNS, limits=aws_cloudfront.cloudfront_limits
    ),
    "aws_athena_s3": Writer(s3, aws_s3.COLUMNS, limits=aws_s3.limits),
}
