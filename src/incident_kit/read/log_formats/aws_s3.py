"""Amazon S3's server access log. The time is when S3 received the request.

S3 also logs what it did without an HTTP request, such as each deletion of a batch; request, referer and user
agent are then a dash without quotes. Fields were appended over the years, so older lines end earlier.
Source: AWS documentation, "Amazon S3 server access log format".
"""

from __future__ import annotations

from dataclasses import replace

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import kinds

# A CloudFront origin access identity is the only requester whose name has spaces.
REQUESTER = replace(
    kinds.BARE, pattern=r"arn:\S+/CloudFront Origin Access Identity \S+|\S+", plain=kinds.BARE.pattern
)
# What follows the user agent holds no quote: S3 does not escape those that a client sent in it.
VERSION = replace(kinds.BARE, pattern=r"[^\s\"]+")
VARIABLES = {
    "owner": Variable("bucket_owner", replace(kinds.BARE, pattern=r"[^\s:]+")),
    "bucket": Variable("bucket", kinds.BARE),
    "time": Variable("timestamp", kinds.CLF_TIME),
    "remote_ip": Variable("client_ip", kinds.BARE),
    "requester": Variable("user", REQUESTER),
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
    "version_id": Variable("version_id", VERSION),
    "host_id": Variable("host_id", kinds.BARE),
    "signature_version": Variable("signature_version", kinds.BARE),
    "cipher_suite": Variable("cipher_suite", kinds.BARE),
    "authentication_type": Variable("authentication_type", kinds.BARE),
    "host_header": Variable("host", kinds.BARE),
    "tls_version": Variable("tls_version", kinds.BARE),
    "rest": Variable("rest", kinds.OPTIONAL_REST),
}
BARE = {
    name: replace(variable, kind=kinds.QUOTED_OR_DASH)
    if name in ("request", "referer", "user_agent")
    else variable
    for name, variable in VARIABLES.items()
}

BEGINNING = (
    "$owner $bucket [$time] $remote_ip $requester $request_id $operation $key "
    '"$request" $status $error_code $bytes_sent $object_size $total_time $turn_around_time '
    '"$referer" "$user_agent"'
)
# The rest holds the fields that AWS appended in later years.
WHOLE = (
    f"{BEGINNING} $version_id $host_id $signature_version $cipher_suite $authentication_type $host_header "
    "$tls_version$rest"
)
GET = (
    "79a5 shop-images [10/Oct/2026:13:55:36 +0000] 203.0.113.7 - 3E57427F3 REST.GET.OBJECT x.png "
    '"GET /shop-images/x.png HTTP/1.1" 200 - 612 612 38 12 "-" "curl/8.5" -'
)
DELETED = (
    "79a5 shop-images [10/Oct/2026:13:55:36 +0000] 203.0.113.7 ann 3E57427F3 BATCH.DELETE.OBJECT "
    "x.png - 204 - - 612 - - - - -"
)
TLS = " s9lzHYr/PnUZ= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader shop-images.s3.amazonaws.com TLSv1.3"
EXPECTED = {"duration_ms": 38.0, "upstream_duration_ms": 12.0, "user": None, "path": "/shop-images/x.png"}
EXPECTED_DELETED = {"status": 204, "user": "ann", "target": None, "bytes_sent": None}


def _row(
    name: str, description: str, string: str, sample: Sample, alias: str = "aws_s3", *, bare: bool = False
) -> LogFormat:
    variables = BARE if bare else VARIABLES
    layout = template(string.replace('"', "") if bare else string, variables)
    return LogFormat(
        name,
        description,
        layout,
        variables,
        "start",
        (sample,),
        open_ended=string != WHOLE,
        aliases=("s3", alias),
    )


FORMATS = (
    _row(
        "aws_s3",
        "Amazon S3 server access log",
        WHOLE,
        Sample(f"{GET}{TLS} - -", EXPECTED | {"host": "shop-images.s3.amazonaws.com"}),
    ),
    _row(
        "aws_s3_bare",
        "what S3 did without a request of its own, such as each deletion of a batch",
        WHOLE,
        Sample(DELETED + TLS, EXPECTED_DELETED | {"host": "shop-images.s3.amazonaws.com"}),
        bare=True,
    ),
    _row("aws_s3_early", "Amazon S3, lines of before 2019", f"{BEGINNING}$rest", Sample(GET, EXPECTED)),
    _row(
        "aws_s3_bare_early",
        "what S3 did without a request of its own, in lines that end early",
        f"{BEGINNING}$rest",
        Sample(DELETED, EXPECTED_DELETED),
        "aws_s3_bare",
        bare=True,
    ),
)
