"""ingress-nginx: the `upstreaminfo` format that the Kubernetes controller writes by default.

Source: ingress-nginx user guide, page "Log format".
"""

from __future__ import annotations

from incident_kit.read.log_formats.nginx import COMBINED
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.parsing import kinds
from incident_kit.read.parsing.log_format import LogFormat, Sample, Variable
from incident_kit.read.parsing.template_string import template

EARLY = VARIABLES | {"real_ip": Variable("real_ip", kinds.BARE)}
FORMATS = (
    LogFormat(
        "ingress_nginx",
        "the ingress-nginx controller's default",
        template(
            f"{COMBINED} $request_length $request_time [$proxy_upstream_name] "
            f"[$proxy_alternative_upstream_name] "
            "$upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id",
            VARIABLES,
        ),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/2.0" 200 6 "-" "curl/8.5" 430 0.204 '
                "[shop-cart-80] [] 10.1.0.9:8080 612 0.200 200 4bf92f3577b34da6",
                {"duration_ms": 204.0, "upstream_duration_ms": 200.0, "upstream_attempts": 1},
            ),
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/2.0" 200 612 "-" '
                '"curl/8.5" 430 0.204 '
                "[shop-cart-80] [] 10.1.0.7:8080, 10.1.0.9:8080 0, 612 0.001, 0.200 502, "
                "200 4bf92f3577b34da6",
                {
                    "duration_ms": 204.0,
                    "upstream_addr": "10.1.0.9:8080",
                    "upstream_status": 200,
                    "upstream_attempts": 2,
                    "upstream_duration_ms": 201.0,
                    "request_id": "4bf92f3577b34da6",
                },
            ),
        ),
        also=("nginx",),
    ),
    LogFormat(
        "ingress_nginx_early",
        "the ingress-nginx controller's default of before 2019",
        template(
            f"{COMBINED.replace('- $remote_user', '- [$real_ip] - $remote_user')} $request_length "
            "$request_time [$proxy_upstream_name] $upstream_addr $upstream_response_length "
            "$upstream_response_time $upstream_status $req_id",
            EARLY,
        ),
        EARLY,
        "end",
        samples=(
            Sample(
                '10.0.0.1 - [10.0.0.1] - - [10/Oct/2018:13:55:36 +0000] "GET /x HTTP/2.0" 200 6 "-" '
                '"curl/7.5" 430 0.204 [shop-cart-80] 10.1.0.9:8080 612 0.200 200 4bf92f3577b34da6',
                {"duration_ms": 204.0, "upstream_duration_ms": 200.0, "upstream_addr": "10.1.0.9:8080"},
            ),
        ),
        also=("ingress_nginx",),
    ),
)
