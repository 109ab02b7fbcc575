"""Rule out formats that cannot read any of some lines, before their expressions are compiled.

There are a hundred formats, and compiling a format's regular expression takes longer than matching a sample
with it. So formats whose fixed texts occur in no line are ruled out first. Lines of one log differ in letters
and digits but hardly in the signs between, so a few shapes stand for all lines: `GET /a HTTP/1.1" 200 5` and
`GET /b HTTP/1.1" 404 17` both have the shape ` / /."  `.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_letters, digits

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat

# Testing more shapes than this takes as long as the expressions it would save.
FEW = 1_000
LETTERS_AND_DIGITS = (ascii_letters + digits).encode()


def possible_formats(lines: pl.DataFrame, formats: Sequence[LogFormat]) -> list[LogFormat]:
    """Return the formats that could read any of the lines, in their order."""
    asked = list(with_fixed_texts(lines, formats))
    if lines.is_empty() or not asked:
        return []
    hints = lines.select(row.layout.hint.any().alias(str(place)) for place, row in enumerate(asked))
    return [row for row, found in zip(asked, hints.row(0), strict=True) if found]


def with_fixed_texts(lines: pl.DataFrame, formats: Iterable[LogFormat]) -> Iterator[LogFormat]:
    """Yield the formats whose fixed texts may occur in any of the lines, in their order."""
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
    """Return whether the texts occur in a shape, one after the other."""
    end = 0
    for text in texts:
        begin = shape.find(text, end)
        if begin < 0:
            return False
        end = begin + len(text)
    return True
