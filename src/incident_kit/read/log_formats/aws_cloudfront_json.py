"""CloudFront's standard log (version 2) as JSON lines, with the fields of the text log as keys.

The user chooses the fields, so any of them may be missing. The time is the end of the request.
Source: AWS documentation, "Configure standard logging (v2)".
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.aws_cloudfront import CLOUDFRONT
from incident_kit.read.log_formats.w3c import CLOUDFRONT_ONLY, UTC_TIME
from incident_kit.read.values import kinds

# No other log has fields of these names, so one of them identifies CloudFront. Each may have been left out.
CLOUDFRONT_KEYS = (*CLOUDFRONT_ONLY, "x-edge-result-type", "x-edge-detailed-result-type", "x-host-header")
# Version 2 can also write the time as one number.
VARIABLES = {
    **{name: Variable(name) for name in CLOUDFRONT_KEYS},
    **CLOUDFRONT,
    "timestamp(ms)": Variable("timestamp", kinds.ANY_TIME),
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
}

FORMATS = (
    LogFormat(
        "aws_cloudfront_json",
        "CloudFront's standard log as JSON",
        JsonLines(VARIABLES, (CLOUDFRONT_KEYS, ("sc-status",), ("cs-uri-stem",))),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '{"date":"2026-10-10","time":"13:55:36","x-edge-location":"CDG50-P2","sc-bytes":"612",'
                '"c-ip":"203.0.113.7","cs-method":"GET","cs(Host)":"d111.cloudfront.net","cs-uri-stem":"/x",'
                '"sc-status":"200","cs(User-Agent)":"curl/8.5%20(x86_64)","cs-uri-query":"y=1",'
                '"x-host-header":"shop.example.com","time-taken":"0.204"}',
                {
                    "target": "/x?y=1",
                    "duration_ms": 204.0,
                    "host": "shop.example.com",
                    "user_agent": "curl/8.5 (x86_64)",
                    "bytes_sent": 612,
                },
            ),
        ),
        derived=UTC_TIME,
        aliases=("aws_cloudfront", "cloudfront"),
    ),
)
