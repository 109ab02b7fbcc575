"""Lines that are JSON objects: known keys become values, the others stay together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
import polars as pl

from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.extra import REST_OF_OBJECT
from incident_kit.read.parsing.log_format import Variable
from incident_kit.read.parsing.template import RAW

Path = tuple[str, ...]


@dataclass(frozen=True)
class JsonLines:
    """The layout of such lines: `variables` by dotted path; of each group in `requires` one must be there."""

    variables: Mapping[str, Variable]
    requires: tuple[tuple[str, ...], ...]

    @cached_property
    def paths(self) -> dict[str, Path]:
        """The keys on the way to each variable."""
        return {name: tuple(name.split(".")) for name in self.variables}

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Decode every line: one column a variable that occurs, the rest of the object, and `matched`."""
        values: dict[str, list[str | None]] = {name: [] for name in self.paths}
        rests: list[str | None] = []
        matched: list[bool] = []
        for line in lines["line"]:
            fields, rest = self._decode(line)
            for name, column in values.items():
                column.append(fields.get(name))
            rests.append(rest)
            matched.append(bool(fields))
        columns = {RAW + name: column for name, column in values.items() if any(column)}
        return lines.with_columns(
            pl.Series("matched", matched, dtype=pl.Boolean),
            pl.Series(REST_OF_OBJECT, rests, dtype=pl.String),
            *(pl.Series(name, column, dtype=pl.String) for name, column in columns.items()),
        )

    def split_block(self, block: Block) -> None:
        """Return nothing: there is no faster way that loses no key."""

    def matches(self, lines: pl.DataFrame) -> pl.Series:
        """Return whether each line fits."""
        return self.split(lines)["matched"]

    def loosened(self) -> None:
        """Return nothing: there is no looser way to read such lines."""

    def _decode(self, line: str) -> tuple[dict[str, str], str | None]:
        """Return the values found and the rest of the object; no values where the line is none of ours."""
        try:
            decoded = orjson.loads(line)
        except orjson.JSONDecodeError:
            return {}, None
        if not isinstance(decoded, dict):
            return {}, None
        fields = {
            name: found
            for name, path in self.paths.items()
            if (found := _taken(decoded, name, path)) is not None
        }
        if not all(any(name in fields for name in group) for group in self.requires):
            return {}, None
        rest = orjson.dumps(decoded).decode()[1:-1]
        return fields, rest or None


def _taken(decoded: dict[str, Any], name: str, path: Sequence[str]) -> str | None:
    """Take a value out of an object, by its name or along its path, and return it as text."""
    if name in decoded:
        return _text(decoded.pop(name))
    if len(path) == 1:
        return None
    inner = decoded.get(path[0])
    if not isinstance(inner, dict):
        return None
    found = _taken(inner, ".".join(path[1:]), path[1:])
    if not inner:
        del decoded[path[0]]
    return found


def _text(value: Any) -> str | None:
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    return None if value == [] else orjson.dumps(value).decode()
