"""Compiler from gunicorn's `access_log_format` strings to formats, driven by a table of its identifiers.

An identifier without a row, such as a header `%({x-id}i)s`, is kept in `extra` under its own spelling. The
time is when the request was done.
Source: gunicorn documentation, setting `access_log_format`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from incident_kit.read.layouts.log_format import LogFormat, Variable
from incident_kit.read.layouts.template import Part, Slot, Template
from incident_kit.read.layouts.template_string import parts_of, slot, touching
from incident_kit.read.log_formats.apache_directives import TIME
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

IDENTIFIER = re.compile(r"%\((?P<name>\{[^}]*\}[ioe]|[A-Za-z])\)[sd]|%%")
EXAMPLE = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %(D)s'
PROCESS = Kind(lambda value: converters.whole(value.str.strip_chars("<>")), pattern=r"<?\d+>?|-")
# Where several identifiers have one column, the earlier row wins: of durations, the finer unit.
IDENTIFIERS: Mapping[str, Variable] = {
    # A client on a Unix socket has no address.
    "h": Variable("client_ip", replace(kinds.FORWARDED, pattern=f"(?:{kinds.PROXIES})?")),
    "l": Variable("ident", kinds.SHORT_WORD),
    "u": Variable("user", kinds.ESCAPED_USER),
    "t": Variable("timestamp", TIME),
    "r": Variable("request", kinds.REQUEST_LINE),
    "m": Variable("method", kinds.BARE),
    "U": Variable("path", kinds.MAY_HAVE_SPACES),
    "q": Variable("query", Kind(converters.text, pattern=r'[^\s"]*')),
    "H": Variable("http_version", kinds.PROTOCOL),
    "s": Variable("status", kinds.STATUS),
    "B": Variable("bytes_sent", kinds.WHOLE),
    "b": Variable("bytes_sent", kinds.WHOLE),
    "f": Variable("referer", kinds.MAY_HAVE_SPACES),
    "a": Variable("user_agent", kinds.MAY_HAVE_SPACES),
    "D": Variable("duration_ms", kinds.MICROSECONDS),
    "L": Variable("duration_ms", kinds.SECONDS),
    "M": Variable("duration_ms", kinds.MILLISECONDS),
    "T": Variable("duration_ms", kinds.SECONDS),
    "p": Variable("process", PROCESS),
    "{host}i": Variable("host", kinds.MAY_HAVE_SPACES),
    "{x-request-id}i": Variable("request_id", kinds.MAY_HAVE_SPACES),
    "{traceparent}i": Variable("trace", kinds.TRACE),
    "{b3}i": Variable("trace", kinds.TRACE),
    "{x-b3-traceid}i": Variable("trace", kinds.TRACE),
    "{x-amzn-trace-id}i": Variable("trace", kinds.TRACE),
}

# As in gunicorn.conf.py, or as an option on its command line.
CONFIGURED = re.compile(r"\s*(?:access_log_format\s*=|--access-logformat[\s=])\s*(['\"])(.*)\1\s*")


def compile_format(string: str) -> LogFormat:
    """Return the format that a gunicorn `access_log_format` string describes; the whole setting may be given.

    Raises
    ------
    FormatStringError
        If the string names no identifier, or if two identifiers touch, because no line could be split then.
    """
    needed = f"identifier; give an access_log_format such as {EXAMPLE!r}"
    setting = CONFIGURED.fullmatch(string)
    layout = Template(parts_of(setting[2] if setting else string, IDENTIFIER, _slot, needed))
    return LogFormat(f"gunicorn:{string}", "a gunicorn access_log_format", layout, IDENTIFIERS, "end")


def _slot(found: re.Match[str], parts: list[Part], quoted: bool) -> Slot:
    """Return the slot of the identifier that follows the parts."""
    if parts and isinstance(parts[-1], Slot):
        raise touching(found.string, found, "identifier")
    name = found["name"].lower() if found["name"].startswith("{") else found["name"]
    label = name if name in IDENTIFIERS else found[0]
    variable = IDENTIFIERS.get(label, Variable(label, kinds.MAY_HAVE_SPACES))
    if quoted and variable.kind is kinds.MAY_HAVE_SPACES:
        variable = replace(variable, kind=kinds.TEXT)
    if variable.column == "request" and not quoted:
        variable = replace(variable, kind=variable.kind.unquoted)
    return slot(label, parts, {label: variable}, quoted=quoted)


COMPILERS = {"gunicorn": compile_format}
