"""Default text formats of Envoy and Istio.

The time is when the request began. The response flags (UH, UF, UO, NR, URX, DC …) say why a request failed
and are kept in `extra`. Envoy writes no backslash escapes. Istio changed its default several times, so older
versions have rows of their own.
Source: Envoy documentation, page "Access logging"; Istio documentation, page "Envoy access logs".
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.parsing.request_steps import PORT_AT_END
from incident_kit.read.values import converters, kinds


def address(value: pl.Expr) -> pl.Expr:
    """Return an address; null for an internal listener, `envoy://…`, which Istio's waypoint proxies log."""
    return pl.when(~value.str.starts_with("envoy://")).then(value)


TEXT = {
    "start_time": Variable("timestamp", kinds.ISO_TIME),
    "request": Variable("request", kinds.REQUEST_LINE),
    "response_code": Variable("status", kinds.ANY_STATUS),
    "response_flags": Variable("response_flags", kinds.BARE),
    "response_code_details": Variable("response_code_details", kinds.BARE),
    "connection_termination_details": Variable("connection_termination_details", kinds.BARE),
    "grpc_status": Variable("grpc_status", kinds.BARE),
    "bytes_received": Variable("bytes_received", kinds.WHOLE),
    "bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "duration": Variable("duration_ms", kinds.MILLISECONDS),
    "upstream_service_time": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "x_forwarded_for": Variable("client_ip", kinds.FIRST_OF_LIST),
    "user_agent": Variable("user_agent"),
    "request_id": Variable("request_id"),
    "authority": Variable("host"),
    "upstream_host": Variable("upstream_addr", kinds.WITHOUT_SCHEME),
    "upstream_cluster": Variable("upstream_cluster", kinds.BARE),
    "upstream_local_address": Variable("upstream_local_address", kinds.BARE),
    "downstream_local_address": Variable("downstream_local_address", kinds.BARE),
    "downstream_remote_address": Variable("downstream_remote_address", kinds.BARE),
    "requested_server_name": Variable("requested_server_name", kinds.BARE),
    "route_name": Variable("route_name", kinds.BARE),
    "rest": Variable("rest", kinds.OPTIONAL_REST),
    "tail": Variable("tail", kinds.REST),
}
BEGINNING = '[$start_time] "$request" $response_code $response_flags '
MIDDLE = "$bytes_received $bytes_sent $duration $upstream_service_time "
END = '"$x_forwarded_for" "$user_agent" "$request_id" "$authority" "$upstream_host"'
ISTIO_EARLY_END = (
    " $upstream_cluster $upstream_local_address $downstream_local_address $downstream_remote_address "
    "$requested_server_name"
)
ISTIO_END = f"{ISTIO_EARLY_END} $route_name"
ISTIO_BEGINNING = (
    f'{BEGINNING}$response_code_details $connection_termination_details "$upstream_transport_failure_reason" '
)
ISTIO_SAMPLE = (
    '[2026-10-10T13:55:36.123Z] "GET /x HTTP/1.1" 503 UF '
    "upstream_reset_before_response_started{connection_failure} "
    '- "-" 0 91 250 - "203.0.113.7" "curl/8.5" "cc21d9b0" "cart:8080" "10.1.0.7:8080" '
    "outbound|8080||cart.shop.svc.cluster.local - 10.2.0.9:8080 10.1.0.4:40124 - default"
)
ISTIO_EARLY_SAMPLE = (
    '[2019-10-10T13:55:36.123Z] "GET /x HTTP/1.1" 503 UF "-" {failure}0 91 250 - "-" "curl/7.5" "cc21d9b0" '
    '"cart:8080" "10.1.0.7:8080" outbound|8080||cart.shop.svc.cluster.local - 10.2.0.9:8080 10.1.0.4:40124 -'
)
# Without a forwarded-for header the remote peer is the client.
REMOTE = address(pl.col("$downstream_remote_address"))
CLIENT = {
    "client_ip": pl.coalesce("client_ip", converters.without_port(REMOTE)),
    "client_port": pl.when(pl.col("client_ip").is_null()).then(REMOTE.str.extract(PORT_AT_END)),
}


def _text(
    name: str,
    description: str,
    string: str,
    sample: Sample,
    *,
    alias: str = "envoy",
    open_ended: bool = False,
) -> LogFormat:
    derived = CLIENT if "$downstream_remote_address" in string else {}
    layout = template(string, TEXT, escaped=False)
    names = ("envoy", "envoy_text", alias)
    return LogFormat(name, description, layout, TEXT, "start", (sample,), derived, open_ended, aliases=names)


FORMATS = (
    _text(
        "envoy_text",
        "Envoy's default",
        BEGINNING + MIDDLE + END,
        Sample(
            '[2026-10-10T13:55:36.123Z] "POST /x HTTP/2" 503 UH 0 612 250 204 '
            '"203.0.113.7, 10.0.0.1" "curl/8.5" '
            '"cc21d9b0" "shop.example.com" "10.1.0.7:8080"',
            {
                "client_ip": "203.0.113.7",
                "duration_ms": 250.0,
                "upstream_duration_ms": 204.0,
                "http_version": "2",
                "extra": '{"response_flags":"UH","bytes_received":0}',
            },
        ),
    ),
    _text(
        "istio_text",
        "Istio's default",
        ISTIO_BEGINNING + MIDDLE + END + ISTIO_END,
        Sample(ISTIO_SAMPLE, {"status": 503, "upstream_duration_ms": None, "upstream_addr": "10.1.0.7:8080"}),
    ),
    _text(
        "istio_text_1_1",
        "Istio's default of versions 1.1 and 1.2",
        f'{BEGINNING}"$mixer_status" {MIDDLE}{END}{ISTIO_EARLY_END}',
        Sample(ISTIO_EARLY_SAMPLE.format(failure=""), {"client_ip": "10.1.0.4", "client_port": 40124}),
        alias="istio_text",
    ),
    _text(
        "istio_text_1_3",
        "Istio's default of versions 1.3 to 1.5",
        f'{BEGINNING}"$mixer_status" "$upstream_transport_failure_reason" '
        f"{MIDDLE}{END}{ISTIO_EARLY_END}$rest",
        Sample(
            ISTIO_EARLY_SAMPLE.format(failure='"-" ') + " default", {"status": 503, "client_ip": "10.1.0.4"}
        ),
        alias="istio_text",
    ),
    _text(
        "istio_text_1_6",
        "Istio's default of versions 1.6 to 1.8",
        f'{BEGINNING}"$upstream_transport_failure_reason" {MIDDLE}{END}{ISTIO_END}',
        Sample(
            ISTIO_EARLY_SAMPLE.format(failure="") + " default",
            {"status": 503, "client_ip": "10.1.0.4", "upstream_addr": "10.1.0.7:8080"},
        ),
        alias="istio_text",
    ),
    _text(
        "envoy_text_tail",
        "Envoy's default and a tail, which is kept in `extra`",
        f"{BEGINNING}{MIDDLE}{END}$tail",
        Sample(
            '[2026-10-10T13:55:36.123Z] "GET /x HTTP/2" 200 - 0 612 250 204 "-" "curl/8.5" "cc21d9b0" '
            '"shop.example.com" "10.1.0.7:8080" "-" 7',
            {"duration_ms": 250.0, "extra": '{"bytes_received":0,"tail":"\\"-\\" 7"}'},
        ),
        alias="envoy_text",
        open_ended=True,
    ),
)
