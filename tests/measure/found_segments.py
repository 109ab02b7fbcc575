"""Segments and calls as tables with names, to be read in tests; what is not known is null."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.calls.segments import build_segments


class Found(NamedTuple):
    """What `build_segments` found, with the names of each row's kind beside it."""

    segments: pl.DataFrame
    calls: pl.DataFrame


def found_segments(spans: pl.DataFrame, usual: Bools | None = None, *, critical: bool = True) -> Found:
    found = build_segments(spans, usual, critical=critical)
    segments, calls = (pl.DataFrame(vars(rows), nan_to_null=True) for rows in (found.segments, found.calls))
    return Found(
        segments.hstack(found.operations[segments["kind"]]), calls.hstack(found.kinds[calls["kind"]])
    )
