r"""JSON as servers write it becomes JSON that a decoder takes.

nginx fills the values into whatever its `log_format` has. Where that does not say that it is JSON, it writes
`\xHH` into strings; where it has no quotes around an upstream's times, a retry writes a list there, and a
request without an upstream a dash or nothing.
"""

from __future__ import annotations

import re

from incident_kit.read.layouts import json_shapes
from incident_kit.read.layouts.json_shapes import NEEDLESS_ESCAPES

STRING = re.compile(json_shapes.STRING)
NESTED = re.compile(r"\[|\{.*\{")
# What stands without quotes after a colon, and what ends it; strings are passed over.
BARE = re.compile(rf'{json_shapes.STRING}|(?<=:)(?P<bare>[^"\[\]{{}}]*+)(?=(?P<end>.?))')
SCALAR = re.compile(json_shapes.BARE)


def legible(line: str, *, loose: bool) -> str:
    """Return a line without escapes that need not be; a `loose` one with quotes where they are missing.

    A `log_format` nests nothing: what is missing within another object or a list is damage.
    """
    if loose:
        line = line.replace("\\x", "\\\\x")
        line = line if NESTED.search(STRING.sub("", line)) else BARE.sub(_quoted, line)
    if "\\" in line and "\\\\" not in line:
        for escape, character in NEEDLESS_ESCAPES.items():
            line = line.replace(escape, character)
    return line


def _quoted(found: re.Match[str]) -> str:
    """Return what stands without quotes as JSON: nothing as null, and what is no number as text.

    It ends before a closing brace, or before a comma and the quote of the next key; otherwise it is damage.
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
