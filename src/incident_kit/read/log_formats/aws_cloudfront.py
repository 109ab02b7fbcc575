"""Amazon CloudFront's standard log: W3C extended, with tabs, with its header or without.

Times are UTC, and the time is the end of the request. `time-taken` is in seconds.
Source: AWS, "Standard log file fields" of CloudFront.
"""

from __future__ import annotations

from incident_kit.read.layouts.delimited import Delimited
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.w3c import CLOUDFRONT_ONLY, COMMON, UTC_TIME
from incident_kit.read.values import kinds

CLOUDFRONT = {
    "x-host-header": Variable("host"),
    **COMMON,
    "time-taken": Variable("duration_ms", kinds.SECONDS),
    "time-to-first-byte": Variable("time_to_first_byte_ms", kinds.SECONDS),
    "cs(User-Agent)": Variable("user_agent", kinds.PERCENT_DECODED),
    "x-edge-request-id": Variable("request_id"),
    "cs-protocol-version": Variable("http_version", kinds.PROTOCOL),
}
# The order of CloudFront's fields since 2014; later fields were appended.
CLOUDFRONT_FIELDS = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem",
    "sc-status", "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type",
    "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for",
    "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-protocol-version", "fle-status",
    "fle-encrypted-fields", "c-port", "time-to-first-byte", "x-edge-detailed-result-type",
    "sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end",
)  # fmt: skip
# Lines of 2014 end after the request id. A `#Fields:` line names the fields that there are.
MIN_CLOUDFRONT_FIELDS = 15
CLOUDFRONT_LINE = r"^[\d-]+\t"

FORMATS = (
    LogFormat(
        "aws_cloudfront",
        "CloudFront's standard log, with its header or without",
        Delimited(
            "\t", CLOUDFRONT_ONLY, CLOUDFRONT_FIELDS, MIN_CLOUDFRONT_FIELDS, line_pattern=CLOUDFRONT_LINE
        ),
        CLOUDFRONT,
        "end",
        samples=(
            Sample(
                "2026-10-10\t13:55:36\tCDG50-P2\t612\t203.0.113.7\tGET\td111.cloudfront.net\t/x\t200\t-\t"
                "curl/8.5%20(x86_64)\ty=1\t-\tMiss\t375WZmnR4hhh\tshop.example.com\thttps\t62\t0.204\t-\tTLSv1.3\t"
                "TLS_AES_128_GCM_SHA256\tMiss\tHTTP/2.0\t-\t-\t51754\t0.113\tMiss\ttext/plain\t20\t-\t-",
                {
                    "target": "/x?y=1",
                    "duration_ms": 204.0,
                    "host": "shop.example.com",
                    "user_agent": "curl/8.5 (x86_64)",
                    "client_port": 51754,
                },
            ),
        ),
        derived=UTC_TIME,
        aliases=("cloudfront", "w3c"),
    ),
)
