r"""Repair JSON as some servers write it, so that a JSON decoder accepts it.

nginx puts its values into whatever text `log_format` holds. If the configuration does not say that this is
JSON, nginx writes `\xHH` into strings. If an upstream's times have no quotes around them, a retry writes a
list there, and a request without an upstream writes a dash or nothing: `{"urt":0.1, 0.2}`, `{"urt":-}`,
`{"urt":}`.
"""

from __future__ import annotations

import re

from incident_kit.read.layouts import json_shapes
from incident_kit.read.layouts.json_shapes import NEEDLESS_ESCAPES

STRING = re.compile(json_shapes.STRING_PATTERN)
NESTED = re.compile(r"\[|\{.*\{")
# A value without quotes after a colon, and what ends it; strings are skipped.
UNQUOTED_VALUE = re.compile(rf'{json_shapes.STRING_PATTERN}|(?<=:)(?P<bare>[^"\[\]{{}}]*+)(?=(?P<end>.?))')
SCALAR = re.compile(json_shapes.SCALAR_PATTERN)


def repaired_json(line: str, *, loose: bool) -> str:
    """Return a line without needless escapes; if `loose`, with quotes added where they are missing.

    A `log_format` nests nothing, so lines with an inner object or list are not repaired: what they lack is
    damage.
    """
    if loose:
        line = line.replace("\\x", "\\\\x")
        line = line if NESTED.search(STRING.sub("", line)) else UNQUOTED_VALUE.sub(_quoted, line)
    if "\\" in line and "\\\\" not in line:
        for escape, character in NEEDLESS_ESCAPES.items():
            line = line.replace(escape, character)
    return line


def _quoted(found: re.Match[str]) -> str:
    """Return a value without quotes as JSON: nothing as null, anything but a number as text.

    The value ends before a closing brace, or before a comma and the quote of the next key; otherwise it is
    damage.
    """
    bare, end = found["bare"], found["end"]
    if bare is None or end not in ('"', "}"):
        return found[0]
    value, comma = bare.strip(), ""
    if end == '"':
        if not value.endswith(","):
            return found[0]
        value, comma = value[:-1].rstrip(), ","
    if value.startswith(",") or SCALAR.fullmatch(value):
        return found[0]
    return (f'"{value}"' if value else "null") + comma
