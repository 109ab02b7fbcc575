"""Extract the trace id from trace headers, as spans write it: lower-case hexadecimal digits."""

from __future__ import annotations

import polars as pl

from incident_kit.read.values.rewriting import rewrite_matching

# W3C: version-traceid-parentid-flags.
TRACEPARENT = r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}"
TRACEPARENT_LENGTH, TRACE_ID_LENGTH, TRACE_ID_AT = 55, 32, 3
# AWS X-Ray: `Root=1-<8 digits of time>-<24 digits>`; both together are the W3C id. `Self=` and an id of the
# same form may stand before it. That id is the load balancer's own, not the trace's.
XRAY_ROOT, XRAY_ANY = (rf"{before}1-([0-9a-f]{{8}})-([0-9a-f]{{24}})" for before in (r"\broot=", r"\b"))
XRAY_LENGTH, XRAY_TIME_AT, XRAY_REST_AT = 40, 7, 16
# B3's single header, Jaeger's uber-trace-id, Sentry's and Google's headers begin with the id, which may be
# short. Google's resource name ends with it. Fewer than eight digits are a name, as in the spans.
LEADING = r"^([0-9a-f]{8,32})(?:$|-[0-9a-f]{16}|:[0-9a-f]+:|/\d+(?:$|;))"
GOOGLE = r"/traces/([0-9a-f]{32})$"
# As a UUID, which spans lose their dashes of too.
UUID = r"^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$"

# Datadog's ids of 64 bits in decimal digits: nearly all have so many, and no hexadecimal id has.
DECIMAL = r"^\d{17,20}$"


def trace_id(header: pl.Expr) -> pl.Expr:
    """Return the trace id in a `traceparent`, `b3`, `X-Amzn-Trace-Id`, `uber-trace-id`, UUID or plain id.

    A short id (64-bit B3, Jaeger) is padded with zeros, as in the spans, and Datadog's decimal digits become
    hexadecimal ones. Text without any of these stays as it is. An id of zeros becomes null.
    """
    lower = rewrite_matching(header.str.to_lowercase(), DECIMAL, _hexadecimal)
    xray = (
        pl.concat_str(lower.str.extract(known, 1), lower.str.extract(known, 2))
        for known in (XRAY_ROOT, XRAY_ANY)
    )
    short = lower.str.extract(LEADING).str.zfill(TRACE_ID_LENGTH)
    uuid = pl.when(lower.str.contains(UUID)).then(lower.str.replace_all("-", "", literal=True))
    found = pl.coalesce(lower.str.extract(TRACEPARENT), short, *xray, lower.str.extract(GOOGLE), uuid, header)
    return pl.when(found.str.strip_chars("0") != "").then(found)


def _hexadecimal(digits: str) -> str:
    return f"{number:016x}" if (number := int(digits)) < 2**64 else digits


def plain_trace_id(header: pl.Expr) -> pl.Expr:
    """Return the trace id in a `traceparent`, an X-Ray root or a plain id of 32 digits, by length alone."""
    length = header.str.len_bytes()
    found = (
        pl.when(length == TRACEPARENT_LENGTH)
        .then(header.str.slice(TRACE_ID_AT, TRACE_ID_LENGTH))
        .when(length == XRAY_LENGTH)
        .then(header.str.slice(XRAY_TIME_AT, 8) + header.str.slice(XRAY_REST_AT, 24))
        .when(length == TRACE_ID_LENGTH)
        .then(header)
    )
    return pl.when(found != "0" * TRACE_ID_LENGTH).then(found)
