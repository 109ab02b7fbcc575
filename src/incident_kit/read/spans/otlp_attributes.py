"""OTLP's list of tagged values, `[{"key":k,"value":{"stringValue":v}}]`, rewritten to `{k:v}`.

Almost every attribute is a string or an integer on one compact line, and becomes one by replacing a few
fixed pieces of text, in all spans at once. That is exact, because inside a JSON string a quotation mark is
always escaped: `{"key":` can only be structure. What does not end as a flat object of strings (nested
values, white space, another order of members) is parsed instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson
import polars as pl

from incident_kit.read.spans.attribute_text import attributes_json

FIXED_PIECES = (
    (b'{"key":', b""),
    (b',"value":{"stringValue":', b":"),
    (b',"value":{"intValue":"', b':"'),
    (b',"value":{"boolValue":true}}', b':"true"'),
    (b',"value":{"boolValue":false}}', b':"false"'),
    (b'"}}', b'"'),
    (b"]\n[", b"}\n{"),
)
# The one piece that ends a value and can also stand inside a string, after a backslash.
AMBIGUOUS = '\\"}}'
BARE_NUMBER = re.compile(rb',"value":\{"(?:int|double)Value":(-?[0-9.eE+-]+)\}\}')
STRING = r'"(?:[^"\\]|\\.)*"'
FLAT_OBJECT = rf"^\{{(?:{STRING}:{STRING}(?:,{STRING}:{STRING})*)?\}}$"


def attribute_objects(lists: Sequence[bytes]) -> pl.Series:
    """Return one JSON object of texts for every attribute list, given as the bytes of its JSON."""
    if not lists:
        return pl.Series([], dtype=pl.String)
    text = b"\n".join(lists)
    listed = pl.Series(text.split(b"\n"), dtype=pl.Binary)
    if len(listed) != len(lists):  # pretty-printed, so that a list is more than one line
        return pl.Series([_parsed(each) for each in lists])
    objects = _rewritten(text).cast(pl.String)
    exact = objects.str.contains(FLAT_OBJECT)
    if AMBIGUOUS.encode() in text:
        exact &= ~listed.cast(pl.String).str.contains(AMBIGUOUS, literal=True)
    if exact.all():
        return objects
    odd = (~exact).arg_true()
    return objects.scatter(odd, [_parsed(lists[row]) for row in odd])


def _rewritten(text: bytes) -> pl.Series:
    text = BARE_NUMBER.sub(rb':"\1"', text)
    for piece, replacement in FIXED_PIECES:
        text = text.replace(piece, replacement)
    return pl.Series((b"{" + text[1:-1] + b"}").split(b"\n"), dtype=pl.Binary)


def _parsed(attribute_list: bytes) -> str:
    pairs = orjson.loads(attribute_list)
    return attributes_json({pair["key"]: plain_value(pair.get("value")) for pair in pairs})


def plain_value(tagged: Any) -> Any:
    """Return what a tagged value (`{"arrayValue": {"values": [...]}}`) holds, as plain JSON."""
    match tagged:
        case {"arrayValue": held}:
            return [plain_value(each) for each in held.get("values", [])]
        case {"kvlistValue": held}:
            return {each["key"]: plain_value(each.get("value")) for each in held.get("values", [])}
        case {"intValue": number}:
            return int(number)
        case dict() if tagged:
            return next(iter(tagged.values()))
        case _:
            return ""
