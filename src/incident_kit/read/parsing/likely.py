"""Which formats could read some lines: asked of all formats at once, for there are a hundred.

To compile a format's expression takes longer than to match a sample of lines with it, so formats whose fixed
texts no line holds are not asked. Lines of one log differ in letters and digits, and hardly in the signs
between, by which a few shapes stand for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters, digits

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat

# Of more lines the shapes take as long as the expressions that need not be compiled.
FEW = 1_000
SIGNS_ONLY = str.maketrans("", "", ascii_letters + digits)


def likely(lines: pl.DataFrame, formats: Sequence[LogFormat]) -> list[LogFormat]:
    """Return the formats that could read any of the lines, in their order."""
    asked = _of_such_shapes(lines["line"], formats) if lines.height <= FEW else formats
    if lines.is_empty() or not asked:
        return []
    hints = lines.select(row.layout.hint.any().alias(str(place)) for place, row in enumerate(asked))
    return [row for row, found in zip(asked, hints.row(0), strict=True) if found]


def _of_such_shapes(lines: pl.Series, formats: Sequence[LogFormat]) -> list[LogFormat]:
    shapes = {line.translate(SIGNS_ONLY) for line in lines}
    signs = ([text.translate(SIGNS_ONLY) for text in row.layout.fixed] for row in formats)
    return [row for row, own in zip(formats, signs, strict=True) if any(_holds(one, own) for one in shapes)]


def _holds(shape: str, texts: Sequence[str]) -> bool:
    """Return whether texts stand in a shape, one after the other."""
    end = 0
    for text in texts:
        begin = shape.find(text, end)
        if begin < 0:
            return False
        end = begin + len(text)
    return True
