r"""JSON lines of a common shape, taken apart fast: the same keys in the same order, with other values.

A program writes its lines in few shapes. A line's shape is its text with a mark in place of each string,
number, true, false and null; that is a template. What the values mean is found once a shape: its text, with
the number of each value in that value's place, is a JSON object too, and is decoded as any line is.

A line that fits the template is JSON because the shape is: with `""` and null in the marks' places, which no
character beside them can be part of, the shape must be JSON itself. So any string and any other value may
stand there, and none of them can end or begin elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.read.parsing import readings
from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.cuts import LINE_NUMBER, read_cuts
from incident_kit.read.parsing.extra import REST_OF_OBJECT
from incident_kit.read.parsing.kinds import TEXT, Kind
from incident_kit.read.parsing.plan import Plan, Planner, Step
from incident_kit.read.parsing.slots import RAW, Part, Slot
from incident_kit.read.parsing.template import Template

Decode = Callable[[str], tuple[dict[str, str] | None, str | None]]
Ours = Callable[[Collection[str]], pl.Expr]
Rows = npt.NDArray[np.intp]

STRING = r'"(?:[^"\\]|\\.)*"'
# Not \d, which takes the digits of every script.
BARE = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null"
KEY = rf"{STRING}\s*:"
TOKEN = re.compile(rf"({KEY})|({STRING})|{BARE}")
# Characters that no JSON string may hold, so that no line of ours does.
MARK, SPACE = "\0", 0x20
OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
COMPLETE = "complete"
# Planning for a shape takes about as long as decoding some thousands of lines one by one, so a shape is worth
# it only where it has this share of the lines.
SAMPLED_LINES, LEAST_SHARE = 200, 0.1
# What Go and PHP write for characters that JSON takes as they are. A backslash before one of these would
# remain, and a line with a backslash is not proven.
NEEDLESS_ESCAPES = {r"\u0026": "&", r"\u003c": "<", r"\u003e": ">", r"\/": "/"}


@dataclass(frozen=True)
class Shape:
    """A template whose slots are numbered: by name, the slot that holds it, and the rest of the object."""

    template: Template
    found: dict[str, int]
    rest: str | None

    def read(self, block: Block, ours: Ours, planner: Planner) -> pl.DataFrame | None:
        """Return the planned columns of the lines of this shape."""
        named: Step = {RAW + name: self._value(place) for name, place in self.found.items()}
        if self.rest is not None:
            named[REST_OF_OBJECT] = pl.concat_str(self._pieces(self.rest))
        plan = planner([LINE_NUMBER, *named])
        whole = Plan(
            (named, {COMPLETE: ours(self.found)}, *plan.steps),
            (COMPLETE, *plan.wanted),
            plan.in_order,
        )
        values = read_cuts(block, self.template.pieces, whole)
        return None if values is None else values.filter(COMPLETE).drop(COMPLETE)

    def _value(self, place: int) -> pl.Expr:
        slot = self.template.slots[place]
        return pl.col(slot.raw) if slot.quoted else pl.when(pl.col(slot.raw) != "null").then(slot.raw)

    def _pieces(self, rest: str) -> Iterator[pl.Expr]:
        """Yield the rest as it was written, with every number replaced by the slot of that number."""
        end = 0
        for token in _values(rest):
            slot = self.template.slots[int(token[0])]
            quote = '"' if slot.quoted else ""
            yield pl.lit(rest[end : token.start()] + quote)
            yield pl.col(slot.raw)
            yield pl.lit(quote)
            end = token.end()
        yield pl.lit(rest[end:])


def read_by_shape(block: Block, decode: Decode, ours: Ours, planner: Planner) -> pl.DataFrame | None:
    """Return the planned columns of the lines that have a common shape, in order."""
    rows = _legible(block)
    block = _without_needless_escapes(block)
    frames: list[pl.DataFrame] = []
    for shape, likely in _common_shapes(block, rows, decode):
        frame = shape.read(_part(block, likely), ours, planner)
        if frame is not None:
            numbers = likely[frame[LINE_NUMBER].to_numpy() - block.first_line] + block.first_line
            frames.append(frame.with_columns(pl.Series(LINE_NUMBER, numbers)))
    return pl.concat(frames).sort(LINE_NUMBER) if frames else None


def _legible(block: Block) -> Rows:
    """Return the rows without control characters, counted from 0."""
    controls = np.flatnonzero(np.frombuffer(block.data, dtype=np.uint8) < SPACE)
    rows = np.arange(len(block.line_ends))
    if len(controls) == len(rows):
        return rows
    inside = np.setdiff1d(controls, block.line_ends, assume_unique=True)
    return np.delete(rows, np.searchsorted(block.line_ends, inside))


def _without_needless_escapes(block: Block) -> Block:
    data = block.data
    for escape, character in NEEDLESS_ESCAPES.items() if b"\\" in data else ():
        data = data.replace(escape.encode(), character.encode())
    return replace(block, data=data)


def _part(block: Block, rows: Rows) -> Block:
    """Return the block of those rows only, numbered on from the block's first line."""
    if len(rows) == len(block.line_ends):
        return block
    ends = block.line_ends[rows] + 1
    starts = np.concatenate(([0], block.line_ends + 1))[rows]
    return replace(
        block, data=b"".join(block.data[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True))
    )


def _common_shapes(block: Block, rows: Rows, decode: Decode) -> Iterator[tuple[Shape, Rows]]:
    """Yield the shapes that many lines have, the commonest first, each with the rows that may have it."""
    sampled = rows[np.linspace(0, len(rows) - 1, min(SAMPLED_LINES, len(rows)), dtype=np.intp)]
    lines = dict(zip(sampled.tolist(), block.pick(sampled)["line"], strict=True))
    marked = {row: _marked(line) for row, line in lines.items() if line.startswith("{")}
    counted = Counter(marked.values())
    common = [mark for mark, times in counted.most_common() if times >= LEAST_SHARE * len(sampled)]
    keys = _keys(block) if len(common) > 1 else None
    examples = {mark: row for row, mark in marked.items()}
    for mark in common:
        if shape := _shape(mark, decode):
            yield shape, rows if keys is None else rows[keys[rows] == keys[examples[mark]]]


def _keys(block: Block) -> npt.NDArray[np.uint64]:
    """Return a number for each line that is the same where the keys are the same."""
    keys = pl.col("line").str.extract_all(KEY).list.join("")
    return block.lines().select(keys.hash()).to_series().to_numpy()


def _marked(line: str) -> str:
    """Return a line with a mark in place of each value; strings keep their quotes."""
    return TOKEN.sub(lambda token: token[1] or (f'"{MARK}"' if token[2] else MARK), line)


def _shape(marked: str, decode: Decode) -> Shape | None:
    """Return the shape of a marked line; None where it is no JSON or uses a value of several parts."""
    if not _is_json(marked):
        return None
    number = count()
    found, rest = decode(re.sub(f'"{MARK}"|{MARK}', lambda _: str(next(number)), marked))
    if found is None or not all(value.isdigit() for value in found.values()):
        return None
    texts = marked.split(MARK)
    template = Template(tuple(_parts(texts)))
    left = len(list(_values(rest))) if rest else 0
    # Where a key occurs twice, one of its values is in neither.
    if len(found) + left != len(template.slots):
        return None
    return Shape(template, {name: int(value) for name, value in found.items()}, rest)


def _is_json(marked: str) -> bool:
    """Return whether a marked line is JSON whatever the values are."""
    try:
        OBJECT.decode(marked.replace(f'"{MARK}"', '""').replace(MARK, "null"))
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _parts(texts: Sequence[str]) -> Iterator[Part]:
    for place, text in enumerate(texts[:-1]):
        yield text
        quoted = text.endswith('"')
        yield Slot(str(place), TEXT if quoted else Kind(readings.text, pattern=BARE), quoted)
    yield texts[-1]


def _values(rest: str) -> Iterator[re.Match[str]]:
    return (token for token in TOKEN.finditer(rest) if not token[1])
