"""The reason that a proxy itself gives for a failed request, and what it means.

Example: HAProxy ends a line with `sQ--` if a request waited in its queue until the queue's time-out, so the
reason of that request is `HAProxy sQ`.

Sources: HAProxy, "Session state at disconnection"; Envoy, "Access logging" (%RESPONSE_FLAGS%); Google Cloud,
"HTTP(S) load balancing logging" (statusDetails); Heroku, "Error Codes"; Amazon CloudFront, "Standard logs"
(x-edge-detailed-result-type); AWS, "Troubleshoot your Application Load Balancers"; nginx, "Module
ngx_http_upstream_module" ($upstream_addr).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import polars as pl

from incident_kit.measure.requests.status_meaning import SERVER_ERROR

Cause = Literal["unavailable", "cut off", "too late", "overloaded", "refused", "misrouted"]
"""What a reason says about the upstream. In this order: none can be reached, it closed the connection, it
took too long, it or the proxy has no capacity left, a rule forbids the request, or the proxy does not know
where to send it.
"""


class Reason(NamedTuple):
    """The cause that a proxy's code stands for, and the code in words."""

    cause: Cause
    words: str


LOGGED = MappingProxyType(
    # Codes of clients that left are not listed, because a client leaves when something else is slow.
    {
        "HAProxy": r'"termination_state"\s*:\s*"([SsPRIDK][RQCHDLT])',
        "Envoy": r'"response_flags"\s*:\s*"(?:D[CI],)*([A-CE-Z][A-Z]{1,5}|D[FT])\b',
        "Google": r'"status_details"\s*:\s*"((?:backend|failed|denied)_\w+)"',
        "Heroku": r'"code"\s*:\s*"(H(?:1\d|2[0-6]|8\d|99))"',
        "CloudFront": r'"x-edge-detailed-result-type"\s*:\s*"(Origin\w+|AbortedOrigin|CapacityExceeded)"',
    }
)
"""Pattern of each proxy's code, in the field that holds it."""

NO_LIVE_UPSTREAMS = "nginx no live upstreams"
GROUP = r"^[A-Za-z_][\w-]*$"
"""If no server of a group can be selected, nginx logs the name of the group in place of an address."""

BALANCER = r'"elb"\s*:\s*"'
"""Field that identifies a request of an AWS load balancer. The balancer has no code of its own: if its target
did not answer, the balancer's own status gives the reason.
"""

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        NO_LIVE_UPSTREAMS: Reason("unavailable", "no server of the upstream group was up"),
        "ELB 503": Reason("unavailable", "no target was registered or healthy"),
        "ELB 502": Reason("cut off", "the target closed the connection or its answer was invalid"),
        "ELB 504": Reason("too late", "the target did not answer in time"),
        "HAProxy SC": Reason("unavailable", "the server refused the connection, or none was up"),
        "HAProxy sC": Reason("unavailable", "the connection to the server timed out"),
        "HAProxy DC": Reason("unavailable", "the server was marked down"),
        "HAProxy DH": Reason("unavailable", "the server was marked down"),
        "HAProxy SH": Reason("cut off", "the server closed the connection before it answered"),
        "HAProxy SD": Reason("cut off", "the server closed the connection within its answer"),
        "HAProxy PH": Reason("cut off", "the server's answer was invalid or blocked"),
        "HAProxy sH": Reason("too late", "the server did not answer in time"),
        "HAProxy sD": Reason("too late", "the server stalled within its answer"),
        "HAProxy sQ": Reason("overloaded", "no server had a free slot in time"),
        "HAProxy PC": Reason("overloaded", "the proxy reached its own limit of connections"),
        "HAProxy RC": Reason("overloaded", "the proxy ran out of a local resource"),
        "HAProxy PR": Reason("refused", "a rule of the proxy refused the request"),
        "Envoy UH": Reason("unavailable", "no upstream host was healthy"),
        "Envoy UF": Reason("unavailable", "the connection to the upstream failed"),
        "Envoy LH": Reason("unavailable", "the service failed its health check"),
        "Envoy URX": Reason("unavailable", "all retries failed"),
        "Envoy UC": Reason("cut off", "the upstream closed the connection"),
        "Envoy UR": Reason("cut off", "the upstream reset the stream"),
        "Envoy LR": Reason("cut off", "the proxy reset the stream"),
        "Envoy UPE": Reason("cut off", "the upstream's answer broke the protocol"),
        "Envoy UT": Reason("too late", "the upstream did not answer in time"),
        "Envoy SI": Reason("too late", "the stream was idle for too long"),
        "Envoy DT": Reason("too late", "the request lasted too long"),
        "Envoy UMSDR": Reason("too late", "the upstream's stream lasted too long"),
        "Envoy UO": Reason("overloaded", "the circuit breaker was open"),
        "Envoy OM": Reason("overloaded", "the proxy's overload manager refused the request"),
        "Envoy RL": Reason("refused", "the rate limit was reached"),
        "Envoy UAEX": Reason("refused", "the authorisation service refused the request"),
        "Envoy FI": Reason("refused", "fault injection aborted the request"),
        "Envoy NR": Reason("misrouted", "no route matched"),
        "Envoy NC": Reason("misrouted", "the route's cluster does not exist"),
        "Envoy DF": Reason("misrouted", "the upstream's name could not be resolved"),
        "Google failed_to_pick_backend": Reason("unavailable", "no backend was healthy"),
        "Google failed_to_connect_to_backend": Reason("unavailable", "the connection to the backend failed"),
        "Google backend_connection_closed_before_data_sent_to_client": Reason(
            "cut off", "the backend closed the connection before it answered"
        ),
        "Google backend_timeout": Reason("too late", "the backend did not answer in time"),
        "Google denied_by_security_policy": Reason("refused", "a security policy refused the request"),
        "Heroku H10": Reason("unavailable", "the app crashed"),
        "Heroku H14": Reason("unavailable", "no web dyno was running"),
        "Heroku H19": Reason("unavailable", "the connection to the dyno timed out"),
        "Heroku H20": Reason("unavailable", "the app did not start in time"),
        "Heroku H21": Reason("unavailable", "the dyno refused the connection"),
        "Heroku H13": Reason("cut off", "the dyno closed the connection without an answer"),
        "Heroku H18": Reason("cut off", "the dyno closed the connection within its answer"),
        "Heroku H12": Reason("too late", "the app did not answer within 30 s"),
        "Heroku H15": Reason("too late", "the connection was idle for too long"),
        "Heroku H11": Reason("overloaded", "too many requests were waiting"),
        "Heroku H22": Reason("overloaded", "the limit of connections was reached"),
        "CloudFront OriginConnectError": Reason("unavailable", "the connection to the origin failed"),
        "CloudFront OriginCommError": Reason("too late", "the origin did not answer in time"),
        "CloudFront OriginReadError": Reason("cut off", "the origin's answer could not be read"),
        "CloudFront AbortedOrigin": Reason("cut off", "the origin closed the connection"),
        "CloudFront CapacityExceeded": Reason("overloaded", "the edge location had no capacity left"),
        "CloudFront OriginDnsError": Reason("misrouted", "the origin's name could not be resolved"),
    }
)
"""Meaning of the codes. A code that is not listed indicates no cause."""


def failure_reason(answering: Collection[str] = ()) -> pl.Expr:
    """Return the expression on REQUESTS for the reason, such as `Envoy UH`; null where the log gives none.

    `answering` are upstreams that answer other requests, so their names are no names of groups. Answers that
    are no failures may have a reason, too: HAProxy logs `PR` for every request that a rule refuses.
    """
    codes = (
        pl.concat_str(pl.lit(f"{proxy} "), pl.col("extra").str.extract(pattern))
        for proxy, pattern in LOGGED.items()
    )
    return pl.coalesce(*codes, _of_nginx(answering), _of_elb()).alias("reason")


def _of_nginx(answering: Collection[str]) -> pl.Expr:
    upstream = pl.col("upstream_addr")
    is_group = upstream.str.contains(GROUP) & ~upstream.is_in(list(answering))
    return pl.when(is_group & (pl.col("status") == 502)).then(pl.lit(NO_LIVE_UPSTREAMS))


def _of_elb() -> pl.Expr:
    is_own = pl.col("upstream_status").is_null() & pl.col("extra").str.contains(BALANCER)
    return pl.when(is_own & (pl.col("status") >= SERVER_ERROR)).then(pl.format("ELB {}", "status"))
