"""Which neighbouring segments are read as one text, because they vary together.

To look one long text up costs hardly more than a short one: an upstream's address, status and time, found
as one, cost a third of what they cost apart. But where segments vary freely, their products are too many.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.distinct import categories
from incident_kit.read.cutting.segments import Segment

# What a line saves of one look-up less is spent where one text in fifty has to be taken apart anew.
MOST_UNSEEN = 0.02


def join(segments: Sequence[Segment], texts: Sequence[pl.Series]) -> list[Segment]:
    """Join neighbours whose texts, given those of some lines, would seldom be unseen in later ones."""
    joined: list[tuple[Segment, pl.DataFrame]] = []
    for number, (segment, column) in enumerate(zip(segments, texts, strict=True)):
        own = _numbered(column).alias(str(number)).to_frame()
        both = joined[-1][1].hstack(own) if joined else own
        if joined and joined[-1][0].whole and segment.whole and unseen(both) <= MOST_UNSEEN:
            joined[-1] = joined[-1][0].joined(segment), both
        else:
            joined.append((segment, own))
    return [segment for segment, _ in joined]


def unseen(rows: pl.DataFrame) -> float:
    """Estimate what share of further rows none of these is like: the share of rows that occur once.

    Source: Good, The population frequencies of species and the estimation of population parameters (1953).
    """
    once = rows.group_by(rows.columns).len().get_column("len") == 1
    return float(once.sum()) / max(1, len(rows))


def _numbered(texts: pl.Series) -> pl.Series:
    """Return equal numbers for equal texts."""
    return texts.cast(categories()).to_physical()
