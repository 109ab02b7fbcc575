"""Shapes: JSON lines with a mark in place of each string, number, true, false and null.

A program writes few shapes with ever new values, so the meaning of the values is found once for each shape.
The marks are replaced by the numbers of their slots, which gives JSON again, and this is decoded like any
line:

    line        {"status":200,"path":"/a"}
    shape       {"status":_,"path":"_"}
    numbered    {"status":0,"path":"1"}
    decoded     status is in slot 0, path in slot 1

A line is JSON if its shape is. To check a shape, the marks are replaced by `""` and null, which no
neighbouring character can become part of. If the result is JSON, then any string and any other value may
stand in those places, and none of them can begin or end elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import msgspec
import polars as pl

from incident_kit.read.cutting.plan import Step
from incident_kit.read.cutting.slots import RAW, Part, Slot
from incident_kit.read.layouts.template import Template
from incident_kit.read.values import converters
from incident_kit.read.values.extra import OBJECT_DECODER, REST_OF_OBJECT
from incident_kit.read.values.kinds import TEXT, Kind

# The values found in a line by name, and the rest of the object.
Decoded = tuple[dict[str, str] | None, str | None]
Decode = Callable[[str], Decoded]
Ours = Callable[[Collection[str]], pl.Expr]

# A string without an end runs to the end of the line. The line then is no JSON, because its closing brace is
# missing. Searching for an end after each of its quotes would take hours in a line that a client made long.
STRING_PATTERN = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
# Not \d, which matches the digits of every script.
SCALAR_PATTERN = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null"
TOKEN = re.compile(rf"({STRING_PATTERN} *:)|({STRING_PATTERN})|{SCALAR_PATTERN}")
# Escapes that Go and PHP write for characters that JSON allows as they are; valid if no backslash stands
# before them.
NEEDLESS_ESCAPES = {r"\u0026": "&", r"\u003c": "<", r"\u003e": ">", r"\/": "/"}
# A character that JSON strings may not hold.
PLACEHOLDER = "\0"
COMPLETE = "complete"


@dataclass(frozen=True)
class Shape:
    """A template with numbered slots, the slot of each named value, and how to build the rest of the object.

    The rest alternates `between`, text as it was written, with the values of the slots in `places`.
    """

    template: Template
    found: dict[str, int]
    between: tuple[str, ...]
    places: tuple[int, ...]

    def steps(self, ours: Ours) -> tuple[Step, Step]:
        """Return the step that names the slots' values, and the step of `COMPLETE`: whether a line fits."""
        named: Step = {RAW + name: self._value(place) for name, place in self.found.items()}
        if self.between:
            values = [pl.col(self.template.slots[place].raw) for place in self.places]
            named[REST_OF_OBJECT] = in_turn([pl.lit(text) for text in self.between], values)
        return named, {COMPLETE: ours(self.found)}

    def is_bare(self, place: int) -> bool:
        """Return whether a slot holds no string, so that `null` in it means null."""
        return not self.template.slots[place].quoted

    def _value(self, place: int) -> pl.Expr:
        slot = pl.col(self.template.slots[place].raw)
        return pl.when(slot != "null").then(slot) if self.is_bare(place) else slot


def in_turn(between: Sequence[pl.Expr], values: Sequence[pl.Expr]) -> pl.Expr:
    """Return the rest of an object: text and values alternating, with a text at the end."""
    parts = [part for pair in zip(between, values, strict=False) for part in pair]
    return pl.concat_str(*parts, between[-1])


def marked(line: str) -> str:
    """Return a line with a mark in place of each value; strings keep their quotes."""
    return TOKEN.sub(lambda token: token[1] or (f'"{PLACEHOLDER}"' if token[2] else PLACEHOLDER), line)


def shape_of(marked: str, decode: Decode) -> Shape | None:
    """Return the shape of a marked line; None if it is no JSON or uses a value of several parts."""
    if not _is_json(marked):
        return None
    number = count()
    found, rest = decode(re.sub(PLACEHOLDER, lambda _: str(next(number)), marked))
    if found is None or not all(value.isdigit() for value in found.values()):
        return None
    template = Template(tuple(_parts(marked.split(PLACEHOLDER))))
    between, places = _rest(rest, template.slots) if rest else ((), ())
    # If a key occurs twice, one of its values is in neither.
    if len(found) + len(places) != len(template.slots):
        return None
    return Shape(template, {name: int(value) for name, value in found.items()}, between, places)


def _is_json(marked: str) -> bool:
    """Return whether a marked line is JSON whatever its values are."""
    try:
        OBJECT_DECODER.decode(marked.replace(f'"{PLACEHOLDER}"', '""').replace(PLACEHOLDER, "null"))
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _parts(texts: Sequence[str]) -> Iterator[Part]:
    for place, text in enumerate(texts[:-1]):
        yield text
        quoted = text.endswith('"')
        yield Slot(str(place), TEXT if quoted else Kind(converters.text, pattern=SCALAR_PATTERN), quoted)
    yield texts[-1]


def _rest(rest: str, slots: Sequence[Slot]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Cut the rest of an object at the numbers in it, each of which stands for the slot of that number."""
    between, places, end, quote = [], [], 0, ""
    for token in TOKEN.finditer(rest):
        if token[1]:
            continue
        slot = int(token[0].strip('"'))
        opening = '"' if slots[slot].quoted else ""
        between.append(quote + rest[end : token.start()] + opening)
        places.append(slot)
        end, quote = token.end(), opening
    return (*between, quote + rest[end:]), tuple(places)
