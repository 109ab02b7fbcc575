"""Detect which format a log is in, from a sample of its lines.

The formats are ordered by how many of the first 200 lines each reads. All of them stay candidates, so that a
log of several formats can be read line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.prefilter import possible_formats, with_fixed_texts
from incident_kit.read.parsing.unread import unread
from incident_kit.read.sources.paths import Source

# Enough lines to show a mixture of formats, few enough that trying every format takes no time.
SAMPLE_LINES = 200


@dataclass(frozen=True)
class Detection:
    """The formats to try on each line, best first, and how many sampled lines the best one reads."""

    formats: tuple[LogFormat, ...]
    recognised: int
    sampled: int


def detect(lines: pl.DataFrame, formats: Sequence[LogFormat], source: str) -> Detection:
    """Order `formats` by how many of the lines each reads; among equals, the earlier one wins.

    A format that accepts any rest of a line comes after all formats that read some line whole, but for those
    that exclude it and read fewer lines.

    Raises
    ------
    UnknownFormatError
        If none of them reads any of the lines.
    """
    sample = lines.head(SAMPLE_LINES)
    every = _with_special(formats, sample["line"])
    if len(sample) and (whole := _first_to_read_all(sample, every)):
        return Detection((whole, *(row for row in every if row is not whole)), len(sample), len(sample))
    scores = dict.fromkeys((row.name for row in every), 0)
    for row in possible_formats(sample, every):
        scores[row.name] = int(row.layout.matches(sample).sum())
    most = max((scores[row.name] for row in every if row.open_ended), default=0)
    order = sorted(
        every, key=lambda row: (not (score := scores[row.name]), _stands_back(row, score, most), -score)
    )
    best = order[0]
    if not scores[best.name]:
        tried = best.name if len(formats) == 1 else f"any of {len(formats)} formats"
        raise unread(sample["line"], Source(source).title, tried)
    return Detection(tuple(order), max(scores.values()), len(sample))


def _stands_back(row: LogFormat, score: int, most: int) -> bool:
    """Return whether a format comes after those that read a line whole.

    So does an exclusive one if an open-ended one reads more: the other lines would be lost.
    """
    return row.open_ended or (row.exclusive and score < most)


def _first_to_read_all(sample: pl.DataFrame, formats: Sequence[LogFormat]) -> LogFormat | None:
    """Return the first format that reads every line whole, or None; no later format can read more."""
    left = list(with_fixed_texts(sample, (row for row in formats if not row.open_ended)))
    first = sample.head(1)
    for place, row in enumerate(left):
        # Most formats fail at the first line, and trying it alone costs far less.
        if row.layout.matches(first).all():
            if row.layout.matches(sample).all():
                return row
            # Of a log with odd lines the other formats hardly read all, so they are ruled out in one go.
            others = possible_formats(first, left[place + 1 :])
            return next((other for other in others if other.layout.matches(sample).all()), None)
    return None


def _with_special(formats: Sequence[LogFormat], lines: pl.Series) -> list[LogFormat]:
    """Return the formats together with the specialised formats that these lines turn some of them into.

    Specialised formats that read whole lines come first, open-ended ones right before the format they come
    from.
    """
    made = [row.specialised_for(row, lines) if row.specialised_for else [] for row in formats]
    first = [one for some in made for one in some if not one.open_ended]
    for row, some in zip(formats, made, strict=True):
        first += [*(one for one in some if one.open_ended), row]
    return first
