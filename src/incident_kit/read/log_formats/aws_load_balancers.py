"""Access logs of AWS's Application Load Balancer (ALB) and Classic Load Balancer (ELB).

The time is when the response was sent; ALB also logs when the request was created. The duration is the sum of
three processing times, where -1 means that the request never reached a target. ALB appended fields over the
years, so a line may end earlier or later than the rows here say.
Source: AWS documentation, "Access logs for your Application Load Balancer" and "… your Classic Load
Balancer".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import kinds

# No colon in the type: a colon there means that a tool put the file's name before the line.
TYPE = replace(kinds.BARE, pattern=r"[a-z0-9]+")
VARIABLES = {
    "type": Variable("type", TYPE),
    "time": Variable("timestamp", kinds.ISO_TIME),
    "elb": Variable("elb", kinds.BARE),
    "client": Variable("client", kinds.BARE),
    "target": Variable("upstream_addr", kinds.BARE),
    "request_processing_time": Variable("request_processing_ms", kinds.SECONDS),
    "target_processing_time": Variable("upstream_duration_ms", kinds.SECONDS),
    "response_processing_time": Variable("response_processing_ms", kinds.SECONDS),
    "status": Variable("status", kinds.STATUS),
    "target_status": Variable("upstream_status", kinds.STATUS_OR_NONE),
    "received_bytes": Variable("received_bytes", kinds.WHOLE),
    "sent_bytes": Variable("bytes_sent", kinds.WHOLE),
    "request": Variable("request", kinds.URL_REQUEST_LINE),
    "user_agent": Variable("user_agent"),
    "ssl_cipher": Variable("ssl_cipher", kinds.BARE),
    "ssl_protocol": Variable("ssl_protocol", kinds.BARE),
    "target_group_arn": Variable("target_group_arn", kinds.BARE),
    "trace_id": Variable("trace", kinds.TRACE),
    "rule_priority": Variable("rule_priority", kinds.BARE),
    "creation_time": Variable("start_time", kinds.ISO_TIME),
    "connection_trace_id": Variable("connection_trace_id", kinds.BARE),
    "transformed_host": Variable("transformed_host"),
    "transformed_uri": Variable("transformed_uri"),
    "transform_status": Variable("transform_status"),
    "rest": Variable("rest", kinds.OPTIONAL_REST),
}
TIMES = (
    "$time $elb $client $target $request_processing_time $target_processing_time $response_processing_time "
    "$status $target_status $received_bytes $sent_bytes "
)
ALB_BEGINNING = (
    f'$type {TIMES}"$request" "$user_agent" $ssl_cipher $ssl_protocol $target_group_arn "$trace_id"'
)
ALB_2018 = (
    f'{ALB_BEGINNING} "$domain_name" "$certificate_arn" $rule_priority $creation_time '
    '"$actions" "$redirect_url" "$error_reason"'
)
ALB_WHOLE = f'{ALB_2018} "$targets" "$target_statuses" "$classification" "$classification_reason"'
DERIVED = {
    "duration_ms": (
        pl.col("$request_processing_ms") + pl.col("upstream_duration_ms") + pl.col("$response_processing_ms")
    ).round(6),
    "upstream_attempts": pl.when(pl.col("upstream_addr").is_not_null()).then(1),
}
ALB_START = (
    "https 2026-10-10T13:55:36.250000Z app/shop/490d68edf04676fe 203.0.113.7:40124 "
    "10.0.0.1:80 0.001 0.204 0.000 "
    '200 200 34 612 "GET https://shop.example.com:443/x?y=1 HTTP/1.1" "curl/8.5" ECDHE-RSA-AES128-GCM-SHA256 '
    'TLSv1.2 arn:aws:elasticloadbalancing:targetgroup/shop "Root=1-58337262-36d228ad5d99923122bbe354"'
)
ALB_END = (
    ' "shop.example.com" "-" 1 2026-10-10T13:55:36.045000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'
)
EXPECTED = {
    "duration_ms": 205.0,
    "upstream_duration_ms": 204.0,
    "host": "shop.example.com",
    "path": "/x",
    "trace_id": "5833726236d228ad5d99923122bbe354",
}


def _row(
    name: str,
    description: str,
    string: str,
    *samples: Sample,
    alias: str,
    open_ended: bool = False,
    priority: int = 0,
) -> LogFormat:
    return LogFormat(
        name,
        description,
        template(string, VARIABLES),
        VARIABLES,
        "end",
        samples,
        DERIVED,
        open_ended,
        aliases=(alias,),
        absolute_targets=True,
        priority=priority,
    )


FORMATS = (
    _row(
        "aws_alb",
        "AWS Application Load Balancer",
        ALB_WHOLE,
        Sample(ALB_START + ALB_END, EXPECTED),
        Sample(
            ALB_START.replace("0.001 0.204 0.000 200 200", "0.001 -1 -1 460 -") + ALB_END,
            EXPECTED
            | {"duration_ms": None, "upstream_duration_ms": None, "upstream_status": None, "status": 460},
        ),
        alias="alb",
    ),
    _row(
        "aws_alb_transformed",
        "AWS Application Load Balancer, with what its rules made of host and path",
        f'{ALB_WHOLE} $connection_trace_id "$transformed_host" "$transformed_uri" "$transform_status"',
        Sample(f'{ALB_START}{ALB_END} TID_1234abcd5678ef90 "-" "-" "-"', EXPECTED),
        alias="aws_alb",
    ),
    _row(
        "aws_alb_connection",
        "AWS Application Load Balancer, with the connection's trace id",
        f"{ALB_WHOLE} $connection_trace_id",
        Sample(f"{ALB_START}{ALB_END} TID_1234abcd5678ef90", EXPECTED),
        alias="aws_alb",
    ),
    _row(
        "aws_alb_2018",
        "AWS Application Load Balancer, lines of 2018 and 2019",
        ALB_2018,
        Sample(
            f'{ALB_START} "-" "-" 0 2026-10-10T13:55:36.045000Z "forward" "-" "-"',
            EXPECTED | {"start_time": datetime(2026, 10, 10, 13, 55, 36, 45_000, UTC)},
        ),
        alias="aws_alb",
    ),
    _row(
        "aws_alb_later",
        "AWS Application Load Balancer, with fields of later years, which are kept in `extra`",
        f"{ALB_WHOLE}$rest",
        Sample(
            f"{ALB_START}{ALB_END} TID_1234abcd5678ef90 more",
            EXPECTED | {"start_time": datetime(2026, 10, 10, 13, 55, 36, 45_000, UTC)},
        ),
        alias="aws_alb",
        open_ended=True,
        priority=1,
    ),
    _row(
        "aws_alb_early",
        "AWS Application Load Balancer, lines of before 2018 and others that end early",
        f"{ALB_BEGINNING}$rest",
        Sample(ALB_START, EXPECTED),
        alias="aws_alb",
        open_ended=True,
    ),
    _row(
        "aws_elb_classic",
        "AWS Classic Load Balancer",
        f'{TIMES}"$request" "$user_agent" $ssl_cipher $ssl_protocol',
        Sample(
            "2026-10-10T13:55:36.250000Z shop 203.0.113.7:40124 - -1 -1 -1 504 0 0 0 "
            '"GET http://shop.example.com:80/x HTTP/1.1" "curl/8.5" - -',
            {"status": 504, "duration_ms": None, "upstream_addr": None, "upstream_status": None},
        ),
        alias="elb",
    ),
    _row(
        "aws_elb_classic_2014",
        "AWS Classic Load Balancer, lines of before 2015",
        f'{TIMES}"$request"',
        Sample(
            "2014-02-15T23:39:43.945958Z shop 203.0.113.7:2817 10.0.0.1:80 0.000073 "
            "0.001048 0.000057 200 200 0 29 "
            '"GET http://shop.example.com:80/ HTTP/1.1"',
            {"duration_ms": 1.178, "upstream_duration_ms": 1.048, "client_port": 2817},
        ),
        alias="aws_elb_classic",
    ),
)
