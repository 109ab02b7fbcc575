"""nginx: `combined` with durations or other numbers before the referer."""

from __future__ import annotations

from dataclasses import replace

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx import COMBINED
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

# nginx writes durations with three decimals, which distinguishes them from other numbers.
TIMER = replace(kinds.SECONDS, pattern=r"\d+\.\d{3}")
# One duration, or a dash, for each attempt upstream.
TIMERS = Kind(
    lambda value: value.str.strip_chars(" "),
    pattern=r"(?: (?:\d+\.\d{3}|-)(?:(?:, ?| : )(?:\d+\.\d{3}|-))*)?",
    plain=r"(?: (?:\d+\.\d{3}|-))?",
    bounded=True,
)
NUMBERS = Kind(converters.text, pattern=r"[\d.:-]+(?:,? [\d.:-]+)*", plain=r"[\d.]+")
AFTER = {"rest": Variable("rest", kinds.OPTIONAL_REST)}


def _row(
    name: str,
    description: str,
    numbers: str,
    variables: dict[str, Variable],
    sample: Sample,
    *,
    aliases: tuple[str, ...] = (),
    priority: int = 1,
) -> LogFormat:
    string = COMBINED.replace(' "$http_referer"', f' {numbers} "$http_referer"') + "$rest"
    variables = VARIABLES | variables | AFTER
    return LogFormat(
        name,
        description,
        template(string, variables),
        variables,
        "end",
        (sample,),
        open_ended=True,
        aliases=("nginx", "nginx_proxy_manager", *aliases),
        priority=priority,
    )


FORMATS = (
    _row(
        "nginx_timed",
        "combined with the duration before the referer, as Datadog advises",
        "$request_time$upstream_response_time",
        {
            "request_time": Variable("duration_ms", TIMER),
            "upstream_response_time": Variable("upstream_times", TIMERS),
        },
        Sample(
            '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 0.204 "-" "curl" "-"',
            {"duration_ms": 204.0, "bytes_sent": 612, "user_agent": "curl"},
        ),
        aliases=("nginx_vhost_combined",),
    ),
    _row(
        "nginx_numbered",
        "combined with numbers before the referer, which are kept in `extra`",
        "$numbers",
        {"numbers": Variable("numbers", NUMBERS)},
        Sample(
            '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 3413 "-" "curl/8.5"',
            {
                "duration_ms": None,
                "bytes_sent": 612,
                "user_agent": "curl/8.5",
                "extra": '{"numbers":"3413"}',
            },
        ),
        aliases=("apache", "apache_combined", "litespeed"),
        priority=0,
    ),
)
