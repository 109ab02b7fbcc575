"""Lines that are JSON objects: known keys become values, the others stay together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import polars as pl

from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.extra import REST_OF_OBJECT
from incident_kit.read.parsing.log_format import Variable
from incident_kit.read.parsing.template import RAW

# Known keys: for each, the variable it holds, or the known keys of the object it holds, or both.
Tree = dict[str, tuple[str | None, "Tree"]]


@dataclass(frozen=True)
class JsonLines:
    """The layout of such lines: `variables` by dotted path; of each group in `requires` one must be there."""

    variables: Mapping[str, Variable]
    requires: tuple[tuple[str, ...], ...]

    @cached_property
    def tree(self) -> Tree:
        """The variables by the keys that lead to them; a name with points may also be one key."""
        tree: Tree = {}
        for name in self.variables:
            branch = tree
            *outer, last = name.split(".")
            for key in outer:
                branch = branch.setdefault(key, (None, {}))[1]
            branch[last] = (name, branch.get(last, (None, {}))[1])
            tree.setdefault(name, (name, {}))
        return tree

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Decode every line: one column a variable that occurs, the rest of the object, and `matched`."""
        columns: dict[str, list[str | None]] = {}
        rests: list[str | None] = [None] * len(lines)
        matched = [False] * len(lines)
        for row, line in enumerate(lines["line"]):
            found, rest = self._decode(line)
            if found is None:
                continue
            matched[row], rests[row] = True, rest
            for name in found.keys() - columns.keys():
                columns[name] = [None] * len(lines)
            for name, text in found.items():
                columns[name][row] = text
        return lines.with_columns(
            pl.Series("matched", matched, dtype=pl.Boolean),
            pl.Series(REST_OF_OBJECT, rests, dtype=pl.String),
            *(
                pl.Series(RAW + name, columns[name], dtype=pl.String)
                for name in self.variables
                if name in columns
            ),
        )

    def split_block(self, block: Block) -> None:
        """Return nothing: there is no faster way that loses no key."""

    @property
    def hint(self) -> pl.Expr:
        """An object begins with a brace."""
        return pl.col("line").str.starts_with("{")

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits."""
        return pl.Series([self._decode(line)[0] is not None for line in lines["line"]], dtype=pl.Boolean)

    def loosened(self) -> None:
        """Return nothing: there is no looser way to read such lines."""

    def _decode(self, line: str) -> tuple[dict[str, str] | None, str | None]:
        """Return the values found and the rest of the object; None where the line is none of ours."""
        try:
            decoded = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None, None
        if not isinstance(decoded, dict):
            return None, None
        found: dict[str, str] = {}
        rest = _taken(decoded, self.tree, found)
        if not all(any(name in found for name in group) for group in self.requires):
            return None, None
        return found, orjson.dumps(rest).decode()[1:-1] if rest else None


def _taken(decoded: dict[str, Any], tree: Tree, found: dict[str, str]) -> dict[str, Any]:
    """Put the values of known keys into `found`, and return the object without them."""
    rest = {}
    for key, value in decoded.items():
        name, inner = tree.get(key, (None, None))
        if inner and isinstance(value, dict):
            if left := _taken(value, inner, found):
                rest[key] = left
        elif name is None:
            rest[key] = value
        elif (text := _text(value)) is not None:
            found.setdefault(name, text)
    return rest


def _text(value: Any) -> str | None:
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    return None if value == [] else orjson.dumps(value).decode()
