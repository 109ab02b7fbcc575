"""Decide which neighbouring segments are looked up as one text.

Looking up one long text costs hardly more than a short one, so an upstream's address, status and time found
together cost a third of three look-ups. Segments that vary independently stay apart: their combinations would
be too many to cache.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.distinct import categories
from incident_kit.read.cutting.segments import Segment

# If more than one text in fifty is new and has to be parsed, that costs what the saved look-up gains.
MAX_UNSEEN = 0.02


def join(segments: Sequence[Segment], texts: Sequence[pl.Series]) -> list[Segment]:
    """Join neighbouring segments if combinations of their texts that are new will be rare in later lines.

    `texts` holds a column for each segment, from the first block.
    """
    joined: list[tuple[Segment, pl.DataFrame]] = []
    for number, (segment, column) in enumerate(zip(segments, texts, strict=True)):
        own = _numbered(column).alias(str(number)).to_frame()
        both = joined[-1][1].hstack(own) if joined else own
        if joined and joined[-1][0].whole and segment.whole and unseen_probability(both) <= MAX_UNSEEN:
            joined[-1] = joined[-1][0].joined(segment), both
        else:
            joined.append((segment, own))
    return [segment for segment, _ in joined]


def unseen_probability(rows: pl.DataFrame) -> float:
    """Estimate the share of further rows that equal none of these: the share of rows that occur once.

    Source: Good, The population frequencies of species and the estimation of population parameters (1953).
    """
    once = rows.group_by(rows.columns).len().get_column("len") == 1
    return float(once.sum()) / max(1, len(rows))


def _numbered(texts: pl.Series) -> pl.Series:
    """Return an integer code for each text; equal texts have equal codes."""
    return texts.cast(categories()).to_physical()
