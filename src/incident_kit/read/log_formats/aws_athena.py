"""Access logs of AWS as rows of Athena's tables, with the columns of AWS's own table definitions.

What they hold is what the logs hold: see the modules of the load balancers, of CloudFront and of S3.
Source: AWS documentation, "Query Application Load Balancer logs" and its like of Amazon Athena, and "Using
Amazon S3 server access logs to identify requests".
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats import aws_load_balancers, aws_s3
from incident_kit.read.log_formats.aws_cloudfront import CLOUDFRONT, CLOUDFRONT_FIELDS
from incident_kit.read.log_formats.w3c import UTC_TIME
from incident_kit.read.values import kinds
from incident_kit.read.values.kinds import Kind

SPLIT_REQUEST = {
    "request_verb": Variable("method"),
    "request_proto": Variable("http_version", kinds.PROTOCOL),
    "protocol": Variable("http_version", kinds.PROTOCOL),
    "request_url": Variable("target"),
    "url": Variable("target"),
}
ALB = SPLIT_REQUEST | {
    **{name: variable for name, variable in aws_load_balancers.VARIABLES.items() if name != "request"},
    "time": Variable("timestamp", kinds.ANY_TIME),
    "client_ip": Variable("client_ip"),
    "client_port": Variable("client_port", kinds.WHOLE),
    "target_ip": Variable("target_ip"),
    "target_port": Variable("target_port"),
    "elb_status_code": Variable("status", kinds.ANY_STATUS),
    "target_status_code": Variable("upstream_status", kinds.ANY_STATUS),
    "request_creation_time": Variable("start_time", kinds.ANY_TIME),
    "domain_name": Variable("host"),
}
CLASSIC = {
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    "request_ip": Variable("client_ip"),
    "request_port": Variable("client_port", kinds.WHOLE),
    "backend_ip": Variable("target_ip"),
    "backend_port": Variable("target_port"),
    "backend_processing_time": Variable("upstream_duration_ms", kinds.SECONDS),
    "client_response_time": Variable("response_processing_ms", kinds.SECONDS),
    "elb_response_code": Variable("status", kinds.ANY_STATUS),
    "backend_response_code": Variable("upstream_status", kinds.ANY_STATUS),
}
BALANCER = ALB | CLASSIC
UPSTREAM = {"upstream_addr": pl.concat_str("$target_ip", pl.lit(":"), "$target_port")}
# The names in AWS's older definition of CloudFront's table.
CLOUDFRONT_BEFORE = {
    "location": "x-edge-location", "bytes": "sc-bytes", "request_ip": "c-ip", "method": "cs-method",
    "host": "cs(Host)", "uri": "cs-uri-stem", "status": "sc-status", "referrer": "cs(Referer)",
    "user_agent": "cs(User-Agent)", "query_string": "cs-uri-query", "result_type": "x-edge-result-type",
    "request_id": "x-edge-request-id", "host_header": "x-host-header", "time_taken": "time-taken",
    "http_version": "cs-protocol-version",
}  # fmt: skip
S3_NAMES = {
    "bucket_owner": "owner", "bucket_name": "bucket", "request_datetime": "time", "remote_ip": "remote_ip",
    "requester": "requester", "request_id": "request_id", "operation": "operation", "key": "key",
    "request_uri": "request", "http_status": "status", "error_code": "error_code",
    "bytes_sent": "bytes_sent", "object_size": "object_size", "total_time": "total_time",
    "turnaround_time": "turn_around_time", "referrer": "referer", "user_agent": "user_agent",
    "endpoint": "host_header", "host_header": "host_header",
}  # fmt: skip
QUOTED = Kind(lambda value: value.str.strip_chars('"').replace("-", None))
S3_KINDS = {
    "time": Kind(lambda value: kinds.ANY_TIME.read(value.str.strip_chars("[]"))),
    "request": QUOTED,
    "referer": QUOTED,
    "user_agent": QUOTED,
    "status": kinds.ANY_STATUS,
}


def _underscored(field: str) -> str:
    """Return the column of a field of CloudFront: `cs_user_agent` for `cs(User-Agent)`."""
    return field.lower().replace("(", "_").replace(")", "").replace("-", "_")


def _cloudfront() -> Mapping[str, Variable]:
    # In CLOUDFRONT's order, because the host that the client named comes before CloudFront's own.
    fields = dict.fromkeys([*CLOUDFRONT, *CLOUDFRONT_FIELDS])
    spelt = [(_underscored(field), field) for field in fields]
    spelt += sorted(CLOUDFRONT_BEFORE.items(), key=lambda item: list(fields).index(item[1]))
    return {name: CLOUDFRONT.get(field, Variable(field)) for name, field in spelt}


def _s3() -> Mapping[str, Variable]:
    spelt = [
        (spelling, field)
        for name, field in S3_NAMES.items()
        for spelling in (name, name.replace("_", ""), name.replace("turnaround", "turn_around"))
    ]
    known = aws_s3.VARIABLES
    return {
        name: Variable(known[field].column, S3_KINDS.get(field, known[field].kind)) for name, field in spelt
    }


CLOUDFRONT_COLUMNS, S3_COLUMNS = _cloudfront(), _s3()
FORMATS = (
    LogFormat(
        "aws_athena_load_balancer",
        "AWS's load balancers, application and classic, as rows of Athena",
        JsonLines(
            BALANCER,
            (
                ("elb_status_code", "elb_response_code"),
                ("request_url", "url"),
                ("target_processing_time", "backend_processing_time"),
            ),
        ),
        BALANCER,
        "end",
        samples=(
            Sample(
                '{"type":"https","time":"2026-10-10T13:55:36.250000Z","elb":"app/shop/490d68edf04676fe",'
                '"client_ip":"203.0.113.7","client_port":"40124","target_ip":"10.0.0.1","target_port":"80",'
                '"request_processing_time":"0.001","target_processing_time":"0.204",'
                '"response_processing_time":"0.0","elb_status_code":"200","target_status_code":"200",'
                '"request_verb":"GET","request_url":"https://shop.example.com:443/x?y=1",'
                '"request_proto":"HTTP/1.1"}',
                {
                    "duration_ms": 205.0,
                    "upstream_addr": "10.0.0.1:80",
                    "host": "shop.example.com",
                    "path": "/x",
                    "http_version": "1.1",
                },
            ),
            Sample(
                '{"timestamp":"2026-10-10T13:55:36.250000Z","elb_name":"shop","request_ip":"203.0.113.7",'
                '"request_processing_time":"-1.0","backend_processing_time":"-1.0",'
                '"client_response_time":"-1.0","elb_response_code":"504","request_verb":"GET",'
                '"url":"http://shop.example.com:80/x","protocol":"HTTP/1.1"}',
                {"status": 504, "duration_ms": None, "upstream_addr": None, "path": "/x"},
            ),
        ),
        derived=UPSTREAM | aws_load_balancers.DERIVED,
        absolute_targets=True,
        priority=1,
        aliases=("aws_alb", "aws_elb_classic"),
    ),
    LogFormat(
        "aws_athena_cloudfront",
        "CloudFront as rows of Athena",
        JsonLines(
            CLOUDFRONT_COLUMNS,
            (("x_edge_location", "location"), ("x_edge_result_type", "result_type"), ("sc_status", "status")),
        ),
        CLOUDFRONT_COLUMNS,
        "end",
        samples=(
            Sample(
                '{"date":"2026-10-10","time":"13:55:36","location":"CDG50-P2","bytes":"612",'
                '"request_ip":"203.0.113.7","method":"GET","host":"d111.cloudfront.net","uri":"/x",'
                '"status":"200","query_string":"y=1","result_type":"Miss","time_taken":"0.204"}',
                {"target": "/x?y=1", "duration_ms": 204.0, "bytes_sent": 612},
            ),
        ),
        derived=UTC_TIME,
        priority=1,
        aliases=("aws_cloudfront", "cloudfront"),
    ),
    LogFormat(
        "aws_athena_s3",
        "Amazon S3's server access log as rows of Athena",
        JsonLines(
            S3_COLUMNS,
            (
                ("bucket_name", "bucketname", "bucket_owner", "bucketowner"),
                ("http_status", "httpstatus"),
                ("request_datetime", "requestdatetime"),
            ),
        ),
        S3_COLUMNS,
        "start",
        samples=(
            Sample(
                '{"bucketowner":"79a5","bucket_name":"shop-images","requestdatetime":'
                '"10/Oct/2026:13:55:36 +0000","remoteip":"203.0.113.7","operation":"REST.GET.OBJECT",'
                '"key":"x.png","request_uri":"\\"GET /shop-images/x.png HTTP/1.1\\"","httpstatus":"200",'
                '"bytessent":"612","totaltime":"38","turnaroundtime":"12","useragent":"\\"curl/8.5\\""}',
                {
                    "path": "/shop-images/x.png",
                    "duration_ms": 38.0,
                    "upstream_duration_ms": 12.0,
                    "user_agent": "curl/8.5",
                },
            ),
        ),
        priority=1,
        aliases=("aws_s3",),
    ),
)
