"""Lines that are JSON objects: known keys become values, all other members are kept as they were written.

For the known keys `status` and `request.path`, the line

    {"status":200,"request":{"path":"/a","id":7},"level":"info"}

has the values `$status` 200 and `$request.path` /a, and the rest `"request":{"id":7},"level":"info"`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import msgspec
import polars as pl

from incident_kit.read.cutting.plan import FastPath, Planner
from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.json_blocks import JsonFastPath
from incident_kit.read.layouts.json_shapes import Decoded
from incident_kit.read.layouts.json_tokens import STRING_DECODER
from incident_kit.read.layouts.log_format import Layout, Variable
from incident_kit.read.layouts.repaired_json import repaired_json
from incident_kit.read.values import durations
from incident_kit.read.values.extra import OBJECT_DECODER, REST_OF_OBJECT

# Known keys. Each maps to the variable it holds, to the known keys of the object it holds, or to both.
Tree = dict[str, tuple[str | None, "Tree"]]
NONE_OF_OURS: Decoded = (None, None)
LIST_DECODER = msgspec.json.Decoder(list[msgspec.Raw])
BEGINNING = r"^[\t ]*\{"
DURATION = re.compile(durations.DURATION_WITH_UNIT)
UNKNOWN: tuple[None, Tree] = (None, {})


@dataclass(frozen=True)
class JsonLines(Layout):
    r"""The layout of JSON lines, with `variables` by dotted path.

    A line needs a variable of each group in `requires` and, if there are patterns in `evidence`, a variable
    that fits its pattern. It does not fit if a variable in `excludes` begins with the text there. The
    variables in `durations` are values only if their text has a unit, as `250ms` has; otherwise they stay in
    the rest. A `loose` layout also accepts what nginx writes if its configuration does not say that the line
    is JSON: `\xHH`.
    """

    variables: Mapping[str, Variable]
    requires: tuple[tuple[str, ...], ...]
    excludes: Mapping[str, str] = field(default_factory=dict)
    durations: frozenset[str] = frozenset()
    evidence: Mapping[str, str] = field(default_factory=dict)
    loose: bool = False
    fixed = ("{",)

    @property
    def escaped(self) -> bool:
        """Whether values still have backslash escapes; JSON's own are already undone."""
        return self.loose

    @cached_property
    def tree(self) -> Tree:
        """The variables by the keys that lead to them; a name with dots may also be one key."""
        tree: Tree = {}
        for name in self.variables:
            branch = tree
            *outer, last = name.split(".")
            for key in outer:
                branch = branch.setdefault(key, (None, {}))[1]
            # Each has an inner tree of its own, because keys inside `url` are not keys inside `user_agent`.
            branch[last] = (name, branch[last][1] if last in branch else {})
            tree.setdefault(name, (name, {}))
        return tree

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Decode every line: a column for each variable that occurs, the object's rest, and `matched`."""
        decoded = self._decoded(lines)
        found = [values for values, _ in decoded]
        occurring = set().union(*filter(None, found))
        return lines.with_columns(
            pl.Series("matched", [values is not None for values in found], dtype=pl.Boolean),
            pl.Series(REST_OF_OBJECT, [rest for _, rest in decoded], dtype=pl.String),
            *(
                pl.Series(RAW + name, [values and values.get(name) for values in found], dtype=pl.String)
                for name in self.variables
                if name in occurring
            ),
        )

    def fast_path(self, planner: Planner) -> FastPath:
        """Return the fast path for lines that share their shape with others."""
        return JsonFastPath(partial(self.decode, numbered=True), self.ours, planner)

    @property
    def hint(self) -> pl.Expr:
        """Whether a line begins with a brace, and has a key of each required group or escapes that hide it.

        Decoding an object of another format takes a hundred times as long as searching it for keys.
        """
        line = pl.col("line")
        keys = ([f'"{key}"' for name in group for key in (name, _last(name))] for group in self.requires)
        there = (line.str.contains_any([*group, "\\"]) for group in keys)
        return pl.all_horizontal(line.str.contains(BEGINNING), *there)

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits."""
        return pl.Series([values is not None for values, _ in self._decoded(lines)], dtype=pl.Boolean)

    def loosened(self) -> JsonLines:
        """Return the layout that also accepts what nginx writes into JSON without knowing that it is JSON."""
        return replace(self, loose=True)

    def _decoded(self, lines: pl.DataFrame) -> list[Decoded]:
        hints = lines.select(self.hint).to_series()
        return [
            self.decode(line) if may else NONE_OF_OURS for line, may in zip(lines["line"], hints, strict=True)
        ]

    def decode(self, line: str, *, numbered: bool = False) -> Decoded:
        """Return the values found and the rest of the object; None for the values if the line does not fit.

        A `numbered` line is a shape with the number of a slot in place of each value. Any text in it may
        stand for a duration or for evidence, so `ours` checks these in each line instead.
        """
        try:
            members = OBJECT_DECODER.decode(repaired_json(line, loose=self.loose))
        except (msgspec.DecodeError, RecursionError):
            return NONE_OF_OURS
        found: dict[str, str] = {}
        rest = self._taken(members, self.tree, found, numbered=numbered)
        if any(found.keys().isdisjoint(group) for group in self.requires):
            return NONE_OF_OURS
        if any(found.get(name, "").startswith(text) for name, text in self.excludes.items()):
            return NONE_OF_OURS
        if not numbered and not self._is_evident(found):
            return NONE_OF_OURS
        return found, msgspec.json.encode(rest)[1:-1].decode() if rest else None

    def ours(self, found: Collection[str]) -> pl.Expr:
        """Return whether a line fits, as `decode` decides it, given the variables `found` in its shape."""
        there = {name: pl.col(RAW + name) for name in found}
        required = [[there[name].is_not_null() for name in group if name in there] for group in self.requires]
        told = [
            there[name].str.contains(durations.DURATION_WITH_UNIT).fill_null(value=True)
            for name in found
            if name in self.durations
        ]
        excluded = [
            there[name].str.starts_with(text).fill_null(value=False)
            for name, text in self.excludes.items()
            if name in there
        ]
        evident = [
            there[name].str.contains(pattern).fill_null(value=False)
            for name, pattern in self.evidence.items()
            if name in there
        ]
        if self.evidence:
            required.append([pl.lit(value=False), *evident])
        return pl.all_horizontal(*map(pl.any_horizontal, required), *(~one for one in excluded), *told)

    def _is_evident(self, found: Mapping[str, str]) -> bool:
        """Return whether the pattern of a variable found matches it, or no evidence is asked for."""
        patterns = [(text, self.evidence[name]) for name, text in found.items() if name in self.evidence]
        return not self.evidence or any(re.search(pattern, text) for text, pattern in patterns)

    def _taken(
        self, members: Mapping[str, msgspec.Raw], tree: Tree, found: dict[str, str], *, numbered: bool
    ) -> dict[str, Any]:
        """Put the values of known keys into `found`, and return the other members."""
        rest: dict[str, Any] = {}
        for key, raw in members.items():
            name, inner = tree.get(key, UNKNOWN)
            if name is None and not inner:
                rest[key] = raw
                continue
            value = bytes(raw)
            if inner and value.startswith(b"{"):
                if left := self._taken(OBJECT_DECODER.decode(raw), inner, found, numbered=numbered):
                    rest[key] = left
            elif name is None or self._is_left(name, value, numbered=numbered):
                rest[key] = raw
            elif (text := _text(value)) is not None:
                found.setdefault(name, text)
        return rest

    def _is_left(self, name: str, value: bytes, *, numbered: bool) -> bool:
        """Return whether a value stays in the rest: an object, or a duration without a unit."""
        if name in self.durations:
            is_told = numbered or DURATION.match(_text(value) or "")
            return not (value.startswith(b'"') and is_told)
        return value.startswith(b"{")


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _text(value: bytes) -> str | None:
    """Return a value as text: a string's content, None for null, and for a list of one item that item."""
    if value.startswith(b'"'):
        return STRING_DECODER.decode(value) if b"\\" in value else value[1:-1].decode()
    if value.startswith(b"["):
        items = LIST_DECODER.decode(value)
        return _text(bytes(items[0])) if len(items) == 1 else value.decode() if items else None
    return None if value == b"null" else value.decode()
