"""Warn if inputs share requests that they should not share, or lack time that they should share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from incident_kit.diagnosis.causes.traced import Traced
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.wording import count, percent, stretch

MOSTLY = 0.5
"""Two files that share half of the smaller one's trace ids log the same requests, at two places."""

MIN_SHARED = 20
"""Two files may share fewer ids than this because a file was cut while requests were written."""

COVERED = 0.8
"""Traces that cover less than this part of the log's time may miss the incident, or its baseline."""


def notes_on_overlaps(requests: pl.DataFrame | None, rollup: Rollup, traced: Traced | None) -> list[str]:
    """Return a sentence for each unintended overlap, or lack of overlap, of the inputs."""
    notes = [] if requests is None else list(_logged_twice(requests))
    if traced is None or (requests is not None and requests is traced.requests):
        return notes
    first, last = traced.tree.spans.select(first=pl.col("start").min(), last=pl.col("start").max()).row(0)
    return [*notes, *_times_apart(rollup, first, last)]


def _logged_twice(requests: pl.DataFrame) -> Iterator[str]:
    """Yield which files hold the same requests, by their trace ids."""
    if requests["source"].n_unique() < 2:
        return
    ids = requests.select("source", "trace_id").drop_nulls().unique()
    sizes = dict(ids.group_by("source").len().iter_rows())
    both = ids.join(ids, on="trace_id").filter(pl.col("source") < pl.col("source_right"))
    shared = both.group_by("source", "source_right").len().sort("source", "source_right")
    for one, other, number in shared.iter_rows():
        if number >= MIN_SHARED and number >= MOSTLY * min(sizes[one], sizes[other]):
            both_hold = f"{_names(one, other)} hold the same requests ({count(number, 'trace id')} in both)"
            yield f"{both_hold}, so they count twice: give one of the two."


def _names(*paths: str) -> str:
    """Name files, by their paths only where the names are not distinct."""
    names = sorted({path.rsplit("/", 1)[-1] for path in paths})
    return " and ".join(names if len(names) == len(paths) else sorted(paths))


def _times_apart(rollup: Rollup, first: datetime | None, last: datetime | None) -> Iterator[str]:
    """Yield how much of the log's time the traces cover, if that is too little."""
    begin, end = rollup.meta.first, rollup.meta.last
    if first is None or last is None or begin is None or end is None or end <= begin:
        return
    common = (min(last, end) - max(first, begin)) / (end - begin)
    traces, log = stretch(first, last), stretch(begin, end)
    if common <= 0:
        yield (
            f"Log and traces have no time in common: the traces are of {traces}, the log is of {log}. Where "
            "times of the log tell no zone, give it (`tz`)."
        )
    elif common < COVERED:
        share = percent(common, 0)
        yield f"The traces are of {traces}, {share} of the log's time: of the rest they tell nothing."
