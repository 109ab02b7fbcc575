"""Compiler from Squid's `logformat` strings to formats, driven by a table of its format codes.

A code without a row, such as a header `%{Host}>h`, is kept in `extra` under its own spelling.
Source: Squid documentation, directive `logformat`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template import Part, Slot, Template
from incident_kit.read.layouts.template_string import parts_of, slot, touching
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

CODE = re.compile(
    r"%(?:(?P<time>ts\.%0?3tu)"
    r"|[\"\[#'/]?-?(?P<width>\d*)(?:\{(?P<before>[^}]*)\})?"
    r"(?:%|(?P<code>(?:[a-z]+::)?[<>]?[A-Za-z_]+)(?:\{(?P<after>[^}]*)\})?))"
)
CONFIGURED = re.compile(r"^\s*logformat\s+\S+\s+")
EXAMPLE = "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt"
BARE = r"\S*"
STATUS = Kind(converters.whole, pattern=r"\d{1,3}|-")
# The protocol may stand before the version. It is NONE where there was no request.
VERSION = Kind(lambda value: value.str.extract(r"^(?:HTTP/)?([\d.]+)$"), pattern=r"(?:[A-Z]+/)?[\d.]+|-")
# Where several codes have one column, the earlier row wins.
CODES: Mapping[str, Variable] = {
    "time": Variable("timestamp", kinds.EPOCH_SECONDS),
    "ts": Variable("timestamp", kinds.EPOCH_SECONDS),
    "tl": Variable("timestamp", kinds.CLF_TIME),
    "tg": Variable("timestamp", kinds.CLF_TIME),
    "tr": Variable("duration_ms", kinds.MILLISECONDS),
    ">a": Variable("client_ip", kinds.CLIENT),
    ">A": Variable("client_ip", kinds.BARE),
    ">p": Variable("client_port", kinds.WHOLE),
    "ui": Variable("ident", kinds.BARE),
    "un": Variable("user", kinds.BARE),
    "ul": Variable("user", kinds.BARE),
    "Ss": Variable("cache_result", kinds.SHORT_WORD),
    "Sh": Variable("hierarchy", kinds.SHORT_WORD),
    ">Hs": Variable("status", STATUS),
    "Hs": Variable("status", STATUS),
    "<Hs": Variable("upstream_status", STATUS),
    "<st": Variable("bytes_sent", kinds.WHOLE),
    "rm": Variable("method", kinds.BARE),
    ">rm": Variable("method", kinds.BARE),
    "ru": Variable("target"),
    ">ru": Variable("target"),
    "rp": Variable("path"),
    "rv": Variable("http_version", VERSION),
    ">rv": Variable("http_version", VERSION),
    "<a": Variable("upstream_addr", kinds.BARE),
    "<A": Variable("upstream_addr", kinds.BARE),
    "<tt": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "mt": Variable("content_type", kinds.BARE),
    "{user-agent}>h": Variable("user_agent", kinds.MAY_HAVE_SPACES),
    "{referer}>h": Variable("referer", kinds.MAY_HAVE_SPACES),
}


def named_format(
    string: str, name: str, description: str, *samples: Sample, aliases: tuple[str, ...] = ()
) -> LogFormat:
    """Return the format that a `logformat` string describes, under the given name.

    Raises
    ------
    FormatStringError
        If the string names no code, or if two codes touch, because no line could be split then.
    """
    needed = f"code; give a logformat such as {EXAMPLE!r}"
    layout = Template(parts_of(string, CODE, _slot, needed))
    written = {one.name: replace(CODES[one.name], kind=one.kind) for one in layout.slots if one.name in CODES}
    return LogFormat(
        name,
        description,
        layout,
        {**CODES, **written},
        "end",
        samples,
        aliases=aliases,
        absolute_targets=True,
    )


def _slot(found: re.Match[str], parts: list[Part], quoted: bool) -> Slot:
    """Return the slot of the code that follows the parts."""
    if parts and isinstance(parts[-1], Slot):
        raise touching(found.string, found, "code")
    argument = found["before"] or found["after"]
    code = (
        "time" if found["time"] else f"{{{argument.lower()}}}{found['code']}" if argument else found["code"]
    )
    label = code if code in CODES else found[0]
    variable = CODES.get(label, Variable(label, kinds.MAY_HAVE_SPACES))
    made = slot(label, parts, {label: variable}, quoted=quoted)
    if quoted and made.kind is kinds.MAY_HAVE_SPACES:
        return replace(made, kind=kinds.TEXT)
    return replace(made, kind=_padded(made.kind)) if found["width"] else made


def _padded(kind: Kind) -> Kind:
    """Return the kind whose values are padded with spaces on the left."""
    return Kind(lambda value: kind.read(value.str.strip_chars()), pattern=f" *(?:{kind.pattern or BARE})")


def compile_format(string: str) -> LogFormat:
    """Return the format that a Squid `logformat` string describes; the whole directive may be given.

    Raises
    ------
    FormatStringError
        If the string names no code, or if two codes touch, because no line could be split then.
    """
    return named_format(CONFIGURED.sub("", string), f"squid:{string}", "a Squid logformat")


COMPILERS = {"squid": compile_format}
