"""Which formats could read some lines: asked of all formats at once, for there are a hundred.

To compile a format's expression takes longer than to match a sample of lines with it, so formats whose fixed
texts no line holds are not asked. Lines of one log differ in letters and digits, and hardly in the signs
between, by which a few shapes stand for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_letters, digits

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat

# To try more shapes takes as long as the expressions that need not be asked.
FEW = 1_000
LETTERS_AND_DIGITS = (ascii_letters + digits).encode()


def likely(lines: pl.DataFrame, formats: Sequence[LogFormat]) -> list[LogFormat]:
    """Return the formats that could read any of the lines, in their order."""
    asked = list(in_shape(lines, formats))
    if lines.is_empty() or not asked:
        return []
    hints = lines.select(row.layout.hint.any().alias(str(place)) for place, row in enumerate(asked))
    return [row for row, found in zip(asked, hints.row(0), strict=True) if found]


def in_shape(lines: pl.DataFrame, formats: Iterable[LogFormat]) -> Iterator[LogFormat]:
    """Yield the formats whose fixed texts any of the lines may hold, in their order."""
    shapes = _shapes(lines["line"])
    return (row for row in formats if len(shapes) > FEW or _may_have(row, shapes))


def _shapes(lines: pl.Series) -> set[bytes]:
    return set(_signs("\n".join(lines)).split(b"\n"))


def _signs(text: str) -> bytes:
    return text.encode().translate(None, LETTERS_AND_DIGITS)


def _may_have(row: LogFormat, shapes: Iterable[bytes]) -> bool:
    texts = [_signs(text) for text in row.layout.fixed]
    return any(_holds(shape, texts) for shape in shapes)


def _holds(shape: bytes, texts: Sequence[bytes]) -> bool:
    """Return whether texts stand in a shape, one after the other."""
    end = 0
    for text in texts:
        begin = shape.find(text, end)
        if begin < 0:
            return False
        end = begin + len(text)
    return True
