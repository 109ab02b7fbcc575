"""Compiler from HAProxy's `log-format` strings to formats, driven by a table of their variables.

A variable or sample expression without a row, such as `%[var(txn.x)]`, is kept in `extra` under its own
spelling.
Source: HAProxy configuration manual, chapter "Custom log format".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from incident_kit.errors import FormatStringError
from incident_kit.read.layouts.log_format import LogFormat, Variable
from incident_kit.read.layouts.template import Part, Slot, Template
from incident_kit.read.layouts.template_string import slot
from incident_kit.read.log_formats.haproxy import DERIVED, TOTAL, VARIABLES
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

DIRECTIVE = re.compile(
    r"%(?:\([^)]*\))?(?:\{(?P<flags>[^}]*)\})?"
    r"(?:\[(?P<sample>(?:\"[^\"]*\"|[^\]])*)\]|(?P<name>%|[A-Za-z]+))"
)
CONFIGURED = re.compile(r"\s*log-format\s+(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|(.+?))\s*")
# The escapes that HAProxy undoes in its configuration.
ESCAPE = re.compile(r"\\([\\ \"#'])")
EXAMPLE = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %{+Q}r"
QUERY = Kind(converters.query, pattern=r"\S*")
# A value that may hold spaces ends where the rest of the line fits.
MAY_HAVE_SPACES = Kind(converters.text, pattern=r".*?", plain=r'[^\s\\"]*?')
# The headers include the space after them, because HAProxy writes neither if there are no captured headers.
HEADERS = Kind(VARIABLES["headers"].kind.read, pattern=r"(?:\{[^}]*\} )?", bounded=True)
# HAProxy's variable names, and the names in `MEANINGS` that they stand for.
NAMES: Mapping[str, str] = {
    "ci": "client_ip", "cp": "client_port", "tr": "accepted", "t": "accepted", "trl": "time", "trg": "time",
    "Tl": "time", "T": "time", "Ts": "epoch", "ft": "frontend", "f": "frontend", "b": "backend",
    "s": "server", "TR": "request_ms", "Tq": "request_ms", "Tw": "queue_ms", "Tc": "connect_ms",
    "Tr": "response_ms", "Ta": "total_ms", "Tt": "session_ms", "Tu": "user_ms", "Th": "handshake_ms",
    "Ti": "idle_ms", "Td": "data_ms", "ST": "status", "B": "bytes", "U": "bytes_uploaded",
    "CC": "request_cookie", "CS": "response_cookie", "ts": "state", "tsc": "state", "ac": "active",
    "fc": "frontend_active", "bc": "backend_active", "sc": "server_active", "rc": "retries",
    "sq": "server_queue", "bq": "backend_queue", "hr": "request_headers", "hs": "response_headers",
    "r": "request", "HM": "method", "HU": "target", "HP": "path", "HPO": "path", "HQ": "query",
    "HV": "http_version", "ID": "request_id", "sslv": "tls_version", "sslc": "tls_cipher",
}  # fmt: skip
# HAProxy's sample expressions, likewise; `var(…)` and others are kept under their own spelling.
SAMPLES: Mapping[str, str] = {
    "src": "client_ip", "src_port": "client_port", "method": "method", "capture.req.method": "method",
    "url": "target", "pathq": "target", "capture.req.uri": "target", "path": "path", "query": "query",
    "status": "status", "txn.status": "status", "unique-id": "request_id", "req.ver": "http_version",
    "hdr(host)": "host", "req.hdr(host)": "host", "hdr(Host)": "host", "req.hdr(Host)": "host",
}  # fmt: skip
# When these variables are empty, HAProxy does not write the space that follows them either.
SPACE_IF_NOT_EMPTY = ("hr", "hs", "o")
# Where several variables have one column, the earlier row wins.
MEANINGS: Mapping[str, Variable] = {
    **VARIABLES,
    "client_ip": Variable("client_ip", kinds.BARE),
    "client_port": Variable("client_port", kinds.WHOLE),
    "time": Variable("timestamp", kinds.CLF_TIME),
    "epoch": Variable("timestamp", kinds.EPOCH_SECONDS),
    "session_ms": Variable("duration_ms", TOTAL),
    "user_ms": Variable("duration_ms", TOTAL),
    "handshake_ms": Variable("handshake_ms", kinds.MILLISECONDS),
    "idle_ms": Variable("idle_ms", kinds.MILLISECONDS),
    "data_ms": Variable("data_ms", kinds.MILLISECONDS),
    "bytes_uploaded": Variable("bytes_uploaded", kinds.WHOLE),
    "request_headers": Variable("request_headers", HEADERS),
    "response_headers": Variable("response_headers", HEADERS),
    "method": Variable("method", kinds.BARE),
    "target": Variable("target", kinds.BARE),
    "path": Variable("path", kinds.BARE),
    "query": Variable("query", QUERY),
    "http_version": Variable("http_version", kinds.PROTOCOL),
    "request_id": Variable("request_id", kinds.BARE),
    "host": Variable("host", kinds.BARE),
}


def compile_format(string: str) -> LogFormat:
    """Return the format that a HAProxy `log-format` string describes; the whole directive may be given.

    Raises
    ------
    FormatStringError
        If the string names no variable, or if two variables touch, because no line could be split then.
    """
    parts = _parts(_as_configured(string))
    if not any(isinstance(part, Slot) for part in parts):
        raise FormatStringError(f"{string!r} names no variable; give a log-format such as {EXAMPLE!r}.")
    return LogFormat(
        f"haproxy:{string}",
        "a HAProxy log-format",
        Template(tuple(parts), escaped=False),
        MEANINGS,
        "start",
        derived=DERIVED,
    )


def _as_configured(string: str) -> str:
    """Return the string of a `log-format` directive, or of its text in haproxy.cfg, with escapes undone."""
    directive = CONFIGURED.fullmatch(string)
    if directive and directive[2] is not None:
        return directive[2]
    return ESCAPE.sub(r"\1", (directive[1] or directive[3] or "") if directive else string)


def _parts(string: str) -> list[Part]:
    parts: list[Part] = []
    place, quote_all = 0, False
    for found in DIRECTIVE.finditer(string):
        name, flags = found["name"] or "", found["flags"] or ""
        quoting = (quote_all or "+Q" in flags) and "-Q" not in flags
        _add(parts, string[place : found.start()])
        place = found.end()
        if name == "%":
            _add(parts, name)
        elif name == "o":
            # `%o` writes nothing itself; its flags apply to all variables after it.
            quote_all = quoting
        else:
            _add(parts, '"' if quoting else "")
            label = SAMPLES.get(found["sample"] or "", NAMES.get(name, found[0]))
            parts.append(_slot(label, parts, string))
            _add(parts, '"' if quoting else "")
        if name in SPACE_IF_NOT_EMPTY:
            place += string[place : place + 1] == " "
    _add(parts, string[place:])
    return parts


def _slot(label: str, parts: list[Part], string: str) -> Slot:
    """Return the slot of the variable that follows the parts."""
    if parts and isinstance(parts[-1], Slot) and not parts[-1].kind.bounded:
        raise FormatStringError(
            f"In {string!r} the variables {parts[-1].name} and {label} touch; separate them."
        )
    fixed = "".join(part for part in parts if isinstance(part, str))
    quoted = fixed.count('"') % 2 == 1
    variable = MEANINGS.get(label, Variable(label, MAY_HAVE_SPACES))
    if variable.column == "request" and not quoted:
        variable = replace(variable, kind=variable.kind.unquoted)
    return slot(label, parts, {label: variable}, quoted=quoted)


def _add(parts: list[Part], text: str) -> None:
    """Append fixed text to the parts, joined to the text before it if there is some."""
    if text and parts and isinstance(parts[-1], str):
        parts[-1] += text
    elif text:
        parts.append(text)


COMPILERS = {"haproxy": compile_format}
