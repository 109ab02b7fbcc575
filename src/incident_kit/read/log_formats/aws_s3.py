"""Amazon S3 server access logs; the time is when the request was received.

Source: AWS documentation, "Amazon S3 server access log format".
"""

from __future__ import annotations

from dataclasses import replace

from incident_kit.read.parsing import kinds
from incident_kit.read.parsing.log_format import LogFormat, Sample, Variable
from incident_kit.read.parsing.template_string import template

VARIABLES = {
    "owner": Variable("bucket_owner", kinds.BARE),
    "bucket": Variable("bucket", kinds.BARE),
    "time": Variable("timestamp", kinds.CLF_TIME),
    "remote_ip": Variable("client_ip", kinds.BARE),
    "requester": Variable("user", kinds.BARE),
    "request_id": Variable("request_id", kinds.BARE),
    "operation": Variable("operation", kinds.BARE),
    "key": Variable("key", kinds.BARE),
    "request": Variable("request", kinds.REQUEST_LINE),
    "status": Variable("status", kinds.STATUS),
    "error_code": Variable("error_code", kinds.BARE),
    "bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "object_size": Variable("object_size", kinds.WHOLE),
    "total_time": Variable("duration_ms", kinds.MILLISECONDS),
    "turn_around_time": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "referer": Variable("referer"),
    "user_agent": Variable("user_agent"),
    "version_id": Variable("version_id", kinds.BARE),
    "rest": Variable("rest", kinds.OPTIONAL_REST),
}
BARE = {
    name: replace(variable, kind=kinds.QUOTED_OR_DASH)
    if name in ("request", "referer", "user_agent")
    else variable
    for name, variable in VARIABLES.items()
}

FORMATS = (
    LogFormat(
        "aws_s3",
        "Amazon S3 server access log",
        template(
            "$owner $bucket [$time] $remote_ip $requester $request_id $operation $key "
            '"$request" $status $error_code $bytes_sent $object_size $total_time $turn_around_time '
            '"$referer" "$user_agent" $version_id$rest',
            VARIABLES,
        ),
        VARIABLES,
        "start",
        samples=(
            Sample(
                "79a5 shop-images [10/Oct/2026:13:55:36 +0000] 203.0.113.7 - 3E57427F3 REST.GET.OBJECT x.png "
                '"GET /shop-images/x.png HTTP/1.1" 200 - 612 612 38 12 "-" "curl/8.5" -',
                {
                    "duration_ms": 38.0,
                    "upstream_duration_ms": 12.0,
                    "user": None,
                    "path": "/shop-images/x.png",
                },
            ),
        ),
        also=("s3",),
    ),
    LogFormat(
        "aws_s3_bare",
        "what S3 did without a request of its own, such as each deletion of a batch",
        template(
            "$owner $bucket [$time] $remote_ip $requester $request_id $operation $key "
            "$request $status $error_code $bytes_sent $object_size $total_time $turn_around_time "
            "$referer $user_agent $version_id$rest",
            BARE,
        ),
        BARE,
        "start",
        samples=(
            Sample(
                "79a5 shop-images [10/Oct/2026:13:55:36 +0000] 203.0.113.7 ann 3E57427F3 BATCH.DELETE.OBJECT "
                "x.png - 204 - - 612 - - - - -",
                {"status": 204, "user": "ann", "target": None, "bytes_sent": None},
            ),
        ),
        also=("s3", "aws_s3"),
    ),
)
