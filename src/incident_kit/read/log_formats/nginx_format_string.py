"""Compiler from nginx's `log_format` strings to formats, driven by the table of its variables.

Source: nginx documentation, directive `log_format`.
"""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.layouts.template import RAW, Part, Template
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import converters, kinds

# Variables whose values may hold spaces: what clients or upstreams send, decoded text, and the names of
# people and places. The values of other variables hold none.
HOLDS_BLANKS = re.compile(
    r"(?:sent_|upstream_)?(?:http_(?!host\b)|trailer_)|(?:document_)?uri\b|cookie_|arg_|proxy_add_x_forwarded_for\b"
    r"|ssl_client_(?:[si]_dn|v_|verify)|geoip|request_(?:body|filename)\b"
)
# Where the address itself is not logged, the first of these variables that is logged gives the client.
FORWARDED = ("proxy_protocol_addr", "http_x_real_ip", "http_x_forwarded_for", "proxy_add_x_forwarded_for")
CONFIGURED = re.compile(r"\s*log_format\s+\S+\s+(?:escape=\w+\s+)?(['\"].*['\"])\s*;?\s*", re.DOTALL)
# The strings of a directive without its beginning, one a line.
STRINGS = re.compile(r"\s*('(?:[^'\\]|\\.)*'(?:\s*\n\s*'(?:[^'\\]|\\.)*')+)\s*;?\s*")
CONFIGURED_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


def compile_format(string: str) -> LogFormat:
    """Return the format that an nginx `log_format` string describes; the whole directive may be given.

    Raises
    ------
    FormatStringError
        If the string names no variable, or if two variables touch, because no line could be split then.
    """
    known = template(_as_configured(string), VARIABLES)
    layout = replace(known, parts=tuple(_with_blanks(part) for part in known.parts))
    name, description = f"nginx:{string}", "an nginx log_format"
    return LogFormat(name, description, layout, VARIABLES, "end", derived=_derived(known))


def _as_configured(string: str) -> str:
    """Return the string within a `log_format` directive, its pieces joined; any other string unchanged."""
    directive = CONFIGURED.fullmatch(string) or STRINGS.fullmatch(string)
    if directive is None:
        return string
    return "".join(piece[1] or piece[2] or "" for piece in CONFIGURED_STRING.finditer(directive[1]))


def _derived(layout: Template) -> dict[str, pl.Expr]:
    """Return the columns that a string gives indirectly: a client from a header, a path without a query."""
    derived: dict[str, pl.Expr] = {}
    columns = {VARIABLES[name].column for name in layout.names if name in VARIABLES}
    header = next((name for name in FORWARDED if name in layout.names), None)
    if header and "client_ip" not in columns:
        derived["client_ip"] = converters.forwarded_client(pl.col(RAW + header))
    # Without a query nginx writes `$uri$is_args$args` with a dash for `$args`, so the path seems to end with
    # it. In JSON nginx writes nothing.
    if {"path", "is_args", "query"} <= columns and not str(layout.parts[0]).startswith("{"):
        no_query = pl.col("is_args").is_null()
        path = pl.col("path").str.strip_suffix("-")
        derived["path"] = pl.when(no_query).then(path).otherwise(pl.col("path"))
    return derived


def _with_blanks(part: Part) -> Part:
    """Return a part whose unquoted value, if it may hold spaces, ends where the rest of the line fits."""
    if isinstance(part, str) or part.quoted:
        return part
    if part.kind is kinds.REQUEST_LINE:
        return replace(part, kind=part.kind.unquoted)
    holds_blanks = part.kind is kinds.TEXT and HOLDS_BLANKS.match(part.name)
    return replace(part, kind=kinds.UNQUOTED) if holds_blanks else part


COMPILERS = {"nginx": compile_format}
