"""Lists of tagged attributes, `[{"key":k,"value":{"stringValue":v}}]`, rewritten to objects `{k:v}`.

Almost every list is written compactly and in one order, and becomes an object by replacing a few fixed
pieces of text, in all spans at once. That is exact, because inside a JSON string a quotation mark is always
escaped, so that a piece with a bare one can only be structure. What does not end as a flat object of texts
(nested values, white space, another order of members) is parsed instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from incident_kit.read.spans.attribute_text import as_text, attributes_json, parsed

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


def attribute_objects(lists: pl.Series, syntax: ListSyntax) -> pl.Series:
    """Return one JSON object of texts for every attribute list, given as the text of its JSON."""
    rewritten = _rewritten(lists.str.join("\n").item(), syntax)
    objects, is_exact = rewritten["object"], rewritten["is_exact"]
    if len(objects) != len(lists):  # pretty-printed, so that a list is more than one line; or there is none
        return pl.Series(_parsed(lists, syntax), dtype=pl.String)
    if is_exact.all():
        return objects
    quoted = objects.filter(~is_exact).str.replace_all(BARE_SCALAR, '":"$1"$2')
    objects = objects.scatter((~is_exact).arg_true(), quoted)
    odd = (~objects.str.contains(FLAT_OBJECT)).arg_true()
    return objects.scatter(odd, pl.Series(_parsed((lists[row] for row in odd), syntax), dtype=pl.String))


def _rewritten(lines: str, syntax: ListSyntax) -> pl.DataFrame:
    """Return lists, one a line, as objects, and whether each is one of texts.

    Piece after piece in all of them at once is one quick search each.
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
    return [attributes_json(_members(parsed(each), syntax)) for each in lists]


def _members(attributes: Any, syntax: ListSyntax) -> dict[str, Any]:
    """Return the members of a list of pairs; of an object, which some write instead, its own."""
    if isinstance(attributes, dict):
        return attributes
    pairs = attributes if isinstance(attributes, list) else []
    named = (pair for pair in pairs if isinstance(pair, dict) and "key" in pair)
    return {as_text(pair["key"]): syntax.value(pair) for pair in named}
