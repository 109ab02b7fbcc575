"""ingress-nginx: the `upstreaminfo` format that the Kubernetes controller writes by default.

The default changed in 2018 and 2019, so older logs have rows of their own.
Source: ingress-nginx user guide, page "Log format".
"""

from __future__ import annotations

from dataclasses import replace

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx import COMBINED
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

# The first versions wrote the whole forwarded-for header here. A configured format may leave it out.
REAL_IP = Kind(
    lambda value: converters.text(value.str.strip_prefix("[").str.strip_suffix("] - ")),
    pattern=r"(?:\[[^\s\]]+(?:, ?[^\s\]]+)*\] - )?",
    bounded=True,
)
EARLY = VARIABLES | {"real_ip": Variable("real_ip", REAL_IP)}
EARLY_BEGINNING = (
    f"{COMBINED.replace('$remote_user', '$real_ip$remote_user')} $request_length $request_time "
    "[$proxy_upstream_name]"
)
UPSTREAM = "$upstream_addr $upstream_response_length $upstream_response_time $upstream_status"
DEFAULT = (
    f"{COMBINED} $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] "
    f"{UPSTREAM} $req_id"
)
# A colon between blanks stands between two attempts; with a tail after it, it might be taken for the id.
TAILED = VARIABLES | {
    "req_id": Variable("request_id", replace(kinds.BARE, pattern=r"[^\s:]\S*")),
    "tail": Variable("tail", kinds.REST),
}
EARLY_LINE = (
    '10.0.0.1 - [10.0.0.1] - - [10/Oct/2018:13:55:36 +0000] "GET /x HTTP/2.0" 200 6 "-" "curl/7.5" 430 0.204 '
    "[shop-cart-80]"
)
UPSTREAM_LINE = "10.1.0.9:8080 612 0.200 200"
EXPECTED = {"duration_ms": 204.0, "upstream_duration_ms": 200.0, "upstream_addr": "10.1.0.9:8080"}


def _early(name: str, description: str, after: str, written: str) -> LogFormat:
    layout = template(EARLY_BEGINNING + after, EARLY)
    samples = (Sample(EARLY_LINE + written, EXPECTED),)
    return LogFormat(name, description, layout, EARLY, "end", samples, aliases=("ingress_nginx",))


FORMATS = (
    LogFormat(
        "ingress_nginx",
        "the ingress-nginx controller's default",
        template(DEFAULT, VARIABLES),
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
        aliases=("nginx",),
    ),
    LogFormat(
        "ingress_nginx_tail",
        "the ingress-nginx controller's default and a tail, which is kept in `extra`",
        template(f"{DEFAULT}$tail", TAILED),
        TAILED,
        "end",
        samples=(
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/2.0" 200 6 "-" "curl/8.5" 430 0.204 '
                f"[shop-cart-80] [] {UPSTREAM_LINE} 4bf92f3577b34da6 shop.example.com",
                EXPECTED | {"request_id": "4bf92f3577b34da6"},
            ),
        ),
        open_ended=True,
        aliases=("ingress_nginx", "nginx"),
    ),
    _early(
        "ingress_nginx_2019",
        "the ingress-nginx controller's default of 2019, with the real address and another upstream's name",
        f" [$proxy_alternative_upstream_name] {UPSTREAM} $req_id",
        f" [] {UPSTREAM_LINE} 4bf92f3577b34da6",
    ),
    _early(
        "ingress_nginx_early",
        "the ingress-nginx controller's default of before 2019",
        f" {UPSTREAM} $req_id",
        f" {UPSTREAM_LINE} 4bf92f3577b34da6",
    ),
    _early(
        "ingress_nginx_first",
        "the ingress-nginx controller's default of before 2018, without the request's id",
        f" {UPSTREAM}",
        f" {UPSTREAM_LINE}",
    ),
)
