"""Rewrite lists of tagged attributes, `[{"key":k,"value":{"stringValue":v}}]`, to JSON objects `{k:v}`.

Almost every list is written compactly and with its members in one order. It becomes an object by replacing a
few fixed pieces of text, in all spans at once. This is exact, because a quotation mark inside a JSON string
is always escaped, so a piece with an unescaped one can only be structure. If the result is not a flat object
of texts (nested values, white space, another order of members), the list is parsed instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from incident_kit.read.spans.attribute_text import as_text, attributes_json, parsed

STRING = r'"(?:[^"\\]|\\.)*"'
FLAT_OBJECT = rf"^\{{(?:{STRING}:{STRING}(?:,{STRING}:{STRING})*)?\}}$"
# A number or a Boolean after a member's name. Where this matches inside a string (`":5,"`), it breaks the
# object, and the list is then parsed.
BARE_SCALAR = r'":(true|false|-?[0-9][0-9.eE+-]*)([,}])'


@dataclass(frozen=True)
class ListSyntax:
    """How a dialect writes an attribute.

    `before_value` are the texts that may stand between the key and the value, `closing` is the text after the
    value, and `value` returns the value of a parsed attribute.
    """

    before_value: tuple[str, ...]
    closing: str
    value: Callable[[Mapping[str, Any]], Any]


def attribute_objects(lists: pl.Series, syntax: ListSyntax) -> pl.Series:
    """Return one JSON object of texts for each attribute list, which is given as JSON text."""
    rewritten = _rewritten(lists.str.join("\n").item(), syntax)
    objects, is_exact = rewritten["object"], rewritten["is_exact"]
    if len(objects) != len(lists):  # a list is pretty-printed on several lines, or there are no lists
        return pl.Series(_parsed(lists, syntax), dtype=pl.String)
    if is_exact.all():
        return objects
    quoted = objects.filter(~is_exact).str.replace_all(BARE_SCALAR, '":"$1"$2')
    objects = objects.scatter((~is_exact).arg_true(), quoted)
    odd = (~objects.str.contains(FLAT_OBJECT)).arg_true()
    return objects.scatter(odd, pl.Series(_parsed((lists[row] for row in odd), syntax), dtype=pl.String))


def _rewritten(lines: str, syntax: ListSyntax) -> pl.DataFrame:
    """Return the lists, which are given one a line, as objects, and whether each is a flat object of texts.

    One search for a piece in the text of all lists is much faster than a search in each list.
    """
    text = pl.col("text")
    for piece in syntax.before_value:
        if piece in lines:
            text = text.str.replace_all(piece, ":", literal=True)
    text = text.str.replace_all(f'{syntax.closing},{{"key":', ",", literal=True)
    inner = pl.col("list").str.strip_prefix('[{"key":').str.strip_suffix(f"{syntax.closing}]")
    return (
        pl.LazyFrame({"text": [lines]})
        .select(text.str.split("\n").alias("list"))
        .explode("list")
        .select(object=pl.when(pl.col("list") == "[]").then(pl.lit("{}")).otherwise("{" + inner + "}"))
        .with_columns(is_exact=pl.col("object").str.contains(FLAT_OBJECT))
        .collect()
    )


def _parsed(lists: Iterable[str], syntax: ListSyntax) -> list[str]:
    return [attributes_json(list_members(parsed(each), syntax)) for each in lists]


def list_members(attributes: Any, syntax: ListSyntax) -> dict[str, Any]:
    """Return the members of a list of pairs, or of an object, which some writers use instead of the list."""
    if isinstance(attributes, dict):
        return attributes
    pairs = attributes if isinstance(attributes, list) else []
    named = (pair for pair in pairs if isinstance(pair, dict) and "key" in pair)
    return {as_text(pair["key"]): syntax.value(pair) for pair in named}
