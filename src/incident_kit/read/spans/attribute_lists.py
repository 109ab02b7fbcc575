"""Lists of tagged attributes, `[{"key":k,"value":{"stringValue":v}}]`, rewritten to objects `{k:v}`.

Almost every list is written compactly and in one order, and becomes an object by replacing a few fixed
pieces of text, in all spans at once. That is exact, because inside a JSON string a quotation mark is always
escaped, so that a piece with a bare one can only be structure. What does not end as a flat object of texts
(nested values, white space, another order of members) is parsed instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl

from incident_kit.read.spans.attribute_text import attributes_json

STRING = r'"(?:[^"\\]|\\.)*"'
FLAT_OBJECT = rf"^\{{(?:{STRING}:{STRING}(?:,{STRING}:{STRING})*)?\}}$"
# A number or truth value after a member's name. Where it hits inside a string after all (`":5,"`), it
# breaks the object, which is then parsed.
BARE_SCALAR = r'":(true|false|-?[0-9][0-9.eE+-]*)([,}])'


@dataclass(frozen=True)
class ListSyntax:
    """How a dialect writes an attribute: what may stand before its value, what closes it, what it holds."""

    before_value: tuple[str, ...]
    closing: str
    value: Callable[[Mapping[str, Any]], Any]


def attribute_objects(lists: Sequence[bytes], syntax: ListSyntax) -> pl.Series:
    """Return one JSON object of texts for every attribute list, given as the bytes of its JSON."""
    written = pl.Series([b"\n".join(lists).decode()]).str.split("\n").explode()
    if len(written) != len(lists):  # pretty-printed, so that a list is more than one line; or there is none
        return pl.Series(_parsed(lists, syntax), dtype=pl.String)
    objects = _rewritten(written, syntax)
    exact = objects.str.contains(FLAT_OBJECT)
    if exact.all():
        return objects
    quoted = objects.filter(~exact).str.replace_all(BARE_SCALAR, '":"$1"$2')
    objects = objects.scatter((~exact).arg_true(), quoted)
    odd = (~objects.str.contains(FLAT_OBJECT)).arg_true()
    return objects.scatter(odd, pl.Series(_parsed((lists[row] for row in odd), syntax), dtype=pl.String))


def _rewritten(lists: pl.Series, syntax: ListSyntax) -> pl.Series:
    between, begin, end = f'{syntax.closing},{{"key":', '[{"key":', f"{syntax.closing}]"
    pieces = {between: ",", begin: "{"} | dict.fromkeys(syntax.before_value, ":")
    objects = lists.str.replace_many(list(pieces), list(pieces.values())).str.strip_suffix(end) + "}"
    return objects.zip_with(lists != "[]", pl.Series(["{}"]))


def _parsed(lists: Iterable[bytes], syntax: ListSyntax) -> list[str]:
    return [
        attributes_json({pair["key"]: syntax.value(pair) for pair in orjson.loads(bytes(each))})
        for each in lists
    ]
