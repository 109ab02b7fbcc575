"""Parse JSON lines of many shapes, one shape at a time.

A line whose backslashes all belong to escapes can be split into tokens (keys, strings, numbers, true, false,
null) and the text between them. Lines with the same keys, the same kinds of values and the same text between
tokens have one shape, however rare it is. One line of each shape is decoded, and tells which token is what in
the others:

    {"status":200,"path":"/a"}    tokens "status": 200 "path": "/a"    the status is token 1, the path token 3
    {"status":404,"path":"/b"}    the same shape: tokens 1 and 3 are 404 and /b
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.distinct import dictionary_encode
from incident_kit.read.cutting.cutter import LINE_NUMBER
from incident_kit.read.cutting.plan import Planner
from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.json_shapes import (
    NEEDLESS_ESCAPES,
    PLACEHOLDER,
    SCALAR_PATTERN,
    Decode,
    Ours,
    Shape,
    in_turn,
    marked,
    shape_of,
)
from incident_kit.read.values.extra import REST_OF_OBJECT
from incident_kit.read.values.rewriting import rewrite_matching

Places = npt.NDArray[np.int64]

# A surrogate, half of a character, cannot be decoded by itself.
ESCAPE = r'\\(?:["\\/bfnrt]|u(?:[0-9a-ce-fA-CE-F][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))'
TOKEN_PATTERN = rf'"[^"\\]*(?:\\.[^"\\]*)*"(?: *:)?|{SCALAR_PATTERN}'
STRING_DECODER = msgspec.json.Decoder(str)
IS_KEY, IS_STRING = pl.element().str.ends_with(":"), pl.element().str.starts_with('"')
KIND = pl.when(IS_KEY).then(pl.element()).when(IS_STRING).then(pl.lit('"')).otherwise(pl.lit("0"))
# Decoding this many lines one by one takes about as long as working out their shape.
MIN_LINES_OF_SHAPE = 20
NOWHERE = -1


def read_by_tokens(lines: pl.DataFrame, decode: Decode, ours: Ours, planner: Planner) -> pl.DataFrame | None:
    """Return the planned columns of the lines whose shape is common enough; None if there are none."""
    line = pl.col("line")
    odd = line.str.replace_all(ESCAPE, "").str.contains("\\", literal=True)
    plain = lines.filter(line.str.starts_with("{"), ~odd).with_columns(_without_needless_escapes())
    if len(plain) < MIN_LINES_OF_SHAPE:
        return None
    shaped = _shaped(plain.with_columns(tokens=line.str.extract_all(TOKEN_PATTERN)), decode)
    if not shaped.shapes:
        return None
    values = shaped.values().filter(ours(shaped.names))
    return planner(values.columns).carry_out(values.lazy()).collect(engine="in-memory")


@dataclass(frozen=True)
class Shaped:
    """Lines with their `tokens`, and the shapes that occur among them.

    `of_line` holds the index of each line's shape. `values_at` holds, for each shape, the token numbers of
    its values, in the order of its slots.
    """

    lines: pl.DataFrame
    shapes: tuple[Shape, ...]
    of_line: Places
    values_at: tuple[Sequence[int], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that any shape has."""
        return tuple(dict.fromkeys(name for shape in self.shapes for name in shape.found))

    def values(self) -> pl.DataFrame:
        """Return the line numbers, the named values and the rest of each object."""
        named = {RAW + name: self._named(name) for name in self.names}
        frame = pl.DataFrame({LINE_NUMBER: self.lines[LINE_NUMBER], **named})
        return frame.with_columns(self._rest().alias(REST_OF_OBJECT))

    def _named(self, name: str) -> pl.Series:
        slots = [shape.found.get(name, NOWHERE) for shape in self.shapes]
        bare = np.array(
            [slot != NOWHERE and shape.is_bare(slot) for slot, shape in zip(slots, self.shapes, strict=True)]
        )
        value = self._at(slots).to_frame().select(rewrite_matching(pl.first(), r"\\", _unescaped)).to_series()
        if not bare.any():
            return value
        return value.set((value == "null") & pl.Series(bare[self.of_line]), None)

    def _rest(self) -> pl.Series:
        """Return the rest of each object; shapes with fewer values are padded with empty texts."""
        most = max(len(shape.places) for shape in self.shapes)
        between = [[*shape.between, *[""] * (most + 1)][: most + 1] for shape in self.shapes]
        places = [[*shape.places, *[NOWHERE] * most][:most] for shape in self.shapes]
        texts = [pl.Series(column).gather(self.of_line) for column in zip(*between, strict=True)]
        values = [self._at(column).fill_null("") for column in zip(*places, strict=True)]
        has_rest = np.array([bool(shape.between) for shape in self.shapes])[self.of_line]
        joined = in_turn([pl.lit(text) for text in texts], [pl.lit(value) for value in values])
        return pl.select(pl.when(pl.lit(pl.Series(has_rest))).then(joined)).to_series()

    def _at(self, slots: Sequence[int]) -> pl.Series:
        """Return for each line the value in the slot given for its shape; null if its shape has none."""
        tokens = [
            at[slot] if slot != NOWHERE else NOWHERE for slot, at in zip(slots, self.values_at, strict=True)
        ]
        place = np.array(tokens)[self.of_line]
        return self._texts.gather(np.where(place == NOWHERE, len(self._texts) - 1, self._begins + place))

    @cached_property
    def _texts(self) -> pl.Series:
        """The tokens of all lines, without quotes, followed by a null."""
        texts = self.lines["tokens"].explode().str.strip_prefix('"').str.strip_suffix('"')
        return texts.append(pl.Series([None], dtype=pl.String))

    @cached_property
    def _begins(self) -> Places:
        lengths = self.lines["tokens"].list.len().cast(pl.Int64)
        return (lengths.cum_sum() - lengths).to_numpy()


def _without_needless_escapes() -> pl.Expr:
    """Return a line without needless escapes, as `repaired_json` does."""
    line = pl.col("line")
    twice = line.str.contains(r"\\", literal=True)
    return pl.when(twice).then(line).otherwise(line.str.replace_many(NEEDLESS_ESCAPES))


def _unescaped(text: str) -> str:
    return STRING_DECODER.decode(f'"{text}"')


def _shaped(lines: pl.DataFrame, decode: Decode) -> Shaped:
    """Return those lines that have a shape, with their shapes."""
    of_line = np.full(len(lines), NOWHERE)
    shapes: list[Shape] = []
    values_at: list[Sequence[int]] = []
    for rows in _alike(lines):
        line, tokens = lines.select("line", "tokens").row(int(rows[0]))
        if shape := shape_of(marked(line), decode):
            of_line[rows] = len(shapes)
            shapes.append(shape)
            values_at.append([place for place, token in enumerate(tokens) if not token.endswith(":")])
    known = of_line != NOWHERE
    return Shaped(lines.filter(known), tuple(shapes), of_line[known], tuple(values_at))


def _alike(lines: pl.DataFrame) -> Iterator[Places]:
    """Yield the rows of lines that have the same shape, if there are enough of them."""
    between = pl.col("line").str.replace_all(TOKEN_PATTERN, PLACEHOLDER)
    kinds = pl.col("tokens").list.eval(KIND).list.join(PLACEHOLDER)
    texts = lines.select(pl.concat_str(between, kinds, separator="\n")).to_series()
    places = dictionary_encode(texts).codes.to_numpy()
    order = np.argsort(places, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(places[order])) + 1):
        if len(rows) >= MIN_LINES_OF_SHAPE:
            yield rows
