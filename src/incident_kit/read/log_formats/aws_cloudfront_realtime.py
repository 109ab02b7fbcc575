"""CloudFront's real-time log: tab-separated fields that the user chose, always in the order of AWS's list.

A log with all fields is recognised by itself. For a log with fewer, the user names the chosen fields in any
order: `cloudfront:timestamp c-ip sc-status …`. The time is when the response was sent. `cs-uri-stem` includes
the query here, unlike in the standard log. Source: AWS documentation, "Use real-time logs".
"""

from __future__ import annotations

from incident_kit.errors import FormatStringError
from incident_kit.read.layouts.delimited import Delimited
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.aws_cloudfront import CLOUDFRONT
from incident_kit.read.values import kinds

FIELDS = (
    "timestamp", "c-ip", "s-ip", "time-to-first-byte", "sc-status", "sc-bytes", "cs-method", "cs-protocol",
    "cs-host", "cs-uri-stem", "cs-bytes", "x-edge-location", "x-edge-request-id", "x-host-header",
    "time-taken", "cs-protocol-version", "c-ip-version", "cs-user-agent", "cs-referer", "cs-cookie",
    "cs-uri-query", "x-edge-response-result-type", "x-forwarded-for", "ssl-protocol", "ssl-cipher",
    "x-edge-result-type", "fle-encrypted-fields", "fle-status", "sc-content-type", "sc-content-len",
    "sc-range-start", "sc-range-end", "c-port", "x-edge-detailed-result-type", "c-country",
    "cs-accept-encoding", "cs-accept", "cache-behavior-path-pattern", "cs-headers", "cs-header-names",
    "cs-headers-count", "primary-distribution-id", "primary-distribution-dns-name", "origin-fbl",
    "origin-lbl", "asn",
)  # fmt: skip
# A log with all fields ends after the last one or, as in the first years, before the last five. It does not
# have the server's address, which AWS added later as the third field.
WHOLE = tuple(name for name in FIELDS if name != "s-ip")
MIN_FIELDS = WHOLE.index("cs-headers-count") + 1
VARIABLES = {
    **CLOUDFRONT,
    "timestamp": Variable("timestamp", kinds.EPOCH_SECONDS),
    "cs-uri-stem": Variable("target"),
    # The target already includes the query, so this field is kept in `extra`.
    "cs-uri-query": Variable("cs-uri-query"),
    "cs-host": Variable("host"),
    "cs-user-agent": Variable("user_agent", kinds.PERCENT_DECODED),
    "cs-referer": Variable("referer", kinds.PERCENT_DECODED),
    "origin-fbl": Variable("origin_first_byte_ms", kinds.SECONDS),
    "origin-lbl": Variable("upstream_duration_ms", kinds.SECONDS),
}
BEGINNING = r"^\d{10}\.\d{3}\t"
LINE_PATTERN = rf"{BEGINNING}[0-9A-Fa-f.:]+\t\d+\.\d{{3}}\t\d{{3}}\t"
EXAMPLE = "timestamp c-ip sc-status cs-method cs-uri-stem time-taken"
LINE = (
    "1791640536.250\t203.0.113.7\t0.113\t502\t612\tGET\thttps\td111.cloudfront.net\t/x?y=1\t34\tCDG50-P2\t"
    "375WZmnR4hhh\tshop.example.com\t0.204\tHTTP/2.0\tIPv4\tcurl/8.5%20(x86_64)\t-\t-\ty=1\tError\t-\tTLSv1.3\t"
    "TLS_AES_128_GCM_SHA256\tError\t-\t-\ttext/html\t612\t-\t-\t51754\tOriginError\tCH\tgzip\t*/*\t*\t-\t-\t5"
)


def compile_fields(string: str) -> LogFormat:
    """Return the format of a real-time log with the given fields, separated by spaces or commas.

    Raises
    ------
    FormatStringError
        If one of them is no CloudFront field, or `timestamp` or `sc-status` is not among them.
    """
    chosen = string.replace(",", " ").split()
    unknown = [name for name in chosen if name not in FIELDS]
    if unknown or not {"timestamp", "sc-status"} <= set(chosen):
        raise FormatStringError(
            f"{unknown[0] if unknown else string!r} does not name the fields of a real-time log, timestamp "
            f"and sc-status among them; write them as CloudFront does, such as {EXAMPLE!r}."
        )
    fields = tuple(name for name in FIELDS if name in chosen)
    layout = Delimited("\t", ("timestamp",), fields, len(fields), line_pattern=BEGINNING)
    return LogFormat(f"cloudfront:{string}", "CloudFront's real-time log", layout, VARIABLES, "end")


FORMATS = (
    LogFormat(
        "aws_cloudfront_realtime",
        "CloudFront's real-time log, with all of its fields",
        Delimited("\t", ("timestamp",), WHOLE, MIN_FIELDS, line_pattern=LINE_PATTERN),
        VARIABLES,
        "end",
        samples=(
            Sample(
                LINE,
                {"target": "/x?y=1", "status": 502, "duration_ms": 204.0, "user_agent": "curl/8.5 (x86_64)"},
            ),
        ),
        aliases=("aws_cloudfront", "cloudfront"),
    ),
)
COMPILERS = {"cloudfront": compile_fields}
