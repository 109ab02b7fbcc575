r"""nginx: its `combined` format, and named tails after it.

nginx logs when the request is done, so its times are the end of it. It writes `"`, `\` and control bytes
as `\xHH`. Source: nginx documentation, modules `ngx_http_log_module` and `ngx_http_upstream_module`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import polars as pl

from incident_kit.read.log_formats.nginx_variables import TAIL_NAMES, VARIABLES
from incident_kit.read.parsing import kinds
from incident_kit.read.parsing.log_format import LogFormat, Sample, Variable
from incident_kit.read.parsing.template import Part, Slot, Template
from incident_kit.read.parsing.template_string import slot, template

ALSO = ("nginx_proxy_manager", "litespeed")
COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent"'
)
TAIL = r' "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"( .+|[A-Za-z_][\w.-]*=.+)$'
# Of a list, as of upstreams, the values after the first have no name.
TAIL_VALUE = re.compile(
    r' (?:([A-Za-z_][\w.-]*)=)?(?:("(?:[^"\\]|\\.)*")|(?:[^\s",]|,(?! ))*(?:(?:,| :) [^\s"=,]+(?=,? |$))*)'
)
# A log has one shape of tail, a few while its format is being changed; more shapes than these are no shapes.
MOST_SHAPES = 20


def named_tails(tailed: LogFormat, lines: pl.Series) -> list[LogFormat]:
    """Return a format for each shape of `name=value` tail in the lines, the commonest first."""
    tails = lines.str.extract(TAIL).drop_nulls()
    shapes = Counter(shape for tail in tails if (shape := _shape(tail)))
    return [_with_tail(tailed, shape) for shape, _ in shapes.most_common(MOST_SHAPES)]


def _shape(tail: str) -> tuple[tuple[str, bool], ...]:
    """Return what stands before each value of a tail, ` rt=`, and whether the value is quoted.

    Nothing where no value has a name, or where the tail is no list of values. The first one may touch the
    agent: between the two strings of a `log_format` a blank is forgotten easily.
    """
    spaced = tail if tail.startswith(" ") else f" {tail}"
    values = list(TAIL_VALUE.finditer(spaced))
    if "".join(value[0] for value in values) != spaced or not any(value[1] for value in values):
        return ()
    before = [f" {value[1]}=" if value[1] else " " for value in values]
    before[0] = before[0] if spaced == tail else before[0].lstrip()
    return tuple((label, value[2] is not None) for label, value in zip(before, values, strict=True))


def _with_tail(tailed: LogFormat, shape: tuple[tuple[str, bool], ...]) -> LogFormat:
    parts: list[Part] = [*template(COMBINED, VARIABLES).parts]
    joint = str(parts.pop())
    names = [before.strip(" =") for before, _ in shape]
    for name, (before, quoted) in zip(names, shape, strict=True):
        quote = '"' if quoted else ""
        parts += [
            f"{joint}{before}{quote}",
            slot(TAIL_NAMES.get(name, name or "tail"), parts, VARIABLES, quoted=quoted),
        ]
        joint = quote
    parts += [joint] if joint else []
    name = " ".join(["nginx_combined", *(name or "-" for name in names)])
    return replace(tailed, name=name, layout=Template(tuple(parts)), open_ended=False, specialise=None)


def _row(name: str, description: str, string: str, *samples: Sample) -> LogFormat:
    layout = template(string, VARIABLES)
    return LogFormat(name, description, layout, VARIABLES, "end", samples, also=ALSO, prior=1)


FORMATS = (
    _row(
        "nginx_combined",
        "nginx's default, without durations",
        COMBINED,
        Sample(
            '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612 "-" "curl/8.5"',
            {
                "client_ip": "203.0.113.7",
                "path": "/x",
                "query": "y=1",
                "status": 200,
                "user_agent": "curl/8.5",
            },
        ),
    ),
    _row(
        "nginx_main",
        "combined with the forwarded-for header, as nginx's packages write it",
        f'{COMBINED} "$http_x_forwarded_for"',
        Sample(
            '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.5" "203.0.113.7"',
            {"client_ip": "10.0.0.1", "extra": '{"http_x_forwarded_for":"203.0.113.7"}'},
        ),
    ),
    LogFormat(
        "nginx_combined_tail",
        "combined and a tail: `name=value` pairs are read, anything else is kept in `extra`",
        Template((*template(COMBINED, VARIABLES).parts, Slot("tail", kinds.REST))),
        VARIABLES | {"tail": Variable("tail", kinds.REST)},
        "end",
        samples=(
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 6 "-" "-" rt=0.25 urt="0.2"',
                {"duration_ms": 250.0, "upstream_duration_ms": 200.0, "upstream_attempts": 1},
            ),
            Sample(
                '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 6 "-" "-" 0.250 HIT',
                {"duration_ms": None, "extra": '{"tail":"0.250 HIT"}'},
            ),
        ),
        open_ended=True,
        specialise=named_tails,
        also=("nginx_combined", "apache", "apache_combined", "litespeed", "gunicorn"),
    ),
)
