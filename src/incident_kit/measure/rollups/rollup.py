"""The rollup: a few small tables that say of a log what everything downstream needs, and that add up.

Every number is a count or an integer sum, so merging is exact, associative and commutative: files, hours,
workers and clusters give the same rollup in any order. Where a table is bounded (exemplars, the values of an
attribute), what stays is the smallest by hash, which merges exactly too; a cap by size would not.

`time` is the start of a bucket of `bucket_s` seconds; the wide tables (latency, upstreams, attributes,
exemplars) use the coarser `coarse_bucket_s`, or they would be as long as the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from incident_kit.measure.requests.validity import EXCLUSIONS, Exclusion
from incident_kit.measure.rollups import strays
from incident_kit.measure.rollups.in_parts import Parts
from incident_kit.measure.rollups.tables import TABLES
from incident_kit.measure.rollups.unit_change import unit_change
from incident_kit.schema import to_polars
from incident_kit.slo import Targets
from incident_kit.window import Window
from incident_kit.wording import stretch


@dataclass(frozen=True)
class RollupMeta:
    """What a rollup was made from.

    `first` and `last` are the log's own span, from the first valid request that ended to the last (a request
    is logged when it ends), so that edges where only long requests are visible can be told. `requests` counts
    valid and excluded requests together; `excluded` those that no indicator counts. `notes` are what the
    reader had to say, of damage for one.
    """

    bucket_s: int
    coarse_bucket_s: int
    latency_ms: float
    first: datetime | None = None
    last: datetime | None = None
    requests: int = 0
    rejected: int = 0
    excluded: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rollup:
    """The tables that `TABLES` describes, and what they were made from."""

    meta: RollupMeta
    counts: pl.DataFrame
    latency: pl.DataFrame
    upstreams: pl.DataFrame
    attributes: pl.DataFrame
    excluded: pl.DataFrame
    exemplars: pl.DataFrame

    @property
    def window(self) -> Window | None:
        """The stretch the log covers, its last instant included; None when it has no valid request."""
        if self.meta.first is None or self.meta.last is None:
            return None
        return Window(self.meta.first, self.meta.last + timedelta(microseconds=1))

    @cached_property
    def unit_change(self) -> datetime | None:
        """About since when its durations are written in another unit; None where they never changed it."""
        return unit_change(self.latency)

    @property
    def rows(self) -> int:
        """The rows of all tables: what it costs to hold and to merge it."""
        return sum(len(getattr(self, name)) for name in (*TABLES, "exemplars"))

    def __repr__(self) -> str:
        meta = self.meta
        when = stretch(meta.first, meta.last) if meta.first and meta.last else "no time"
        return (
            f"Rollup({meta.requests:,} requests, {meta.excluded:,} excluded, {meta.rejected:,} rejected, "
            f"{when}, buckets of {meta.bucket_s} s)"
        )


def rollup_requests(
    requests: Any,
    *,
    bucket_s: int | None = None,
    coarse_bucket_s: int | None = None,
    targets: Targets | Mapping[str, float] | None = None,
    exclusions: Sequence[Exclusion] = EXCLUSIONS,
    rejected: int = 0,
    notes: Sequence[str] = (),
    ordered: bool = True,
) -> Rollup:
    """Roll a frame of REQUESTS up.

    Parameters
    ----------
    bucket_s
        Seconds to a bucket; by default what fits the frame's span, from 1 s (an hour) to 1 min (a day).
        The parts of one log are best rolled up with one given bucket.
    coarse_bucket_s
        The bucket of the wide tables, a multiple of `bucket_s`; by default ten times as wide.
    targets
        Its `latency_ms` is the threshold above which requests count as slow, exactly.
    exclusions
        Which requests no indicator counts.
    rejected, notes
        How many lines were no requests, and what their reader had to say, to be carried along.
    ordered
        Whether the tables are put in order; one that is only to be merged need not be.

    Raises
    ------
    ParameterError
        If a bucket is no whole number of seconds, or a target's name is unknown.
    SchemaError
        If `requests` is no frame, or has no `start_time`.
    """
    latency_ms = Targets.of(targets).latency_ms
    parts = Parts(to_polars(requests), latency_ms, exclusions, ordered)
    counted = parts.counted(bucket_s, coarse_bucket_s)
    meta = RollupMeta(
        counted.bucket_s,
        counted.coarse_bucket_s,
        latency_ms,
        **counted.span._asdict(),
        rejected=rejected,
        notes=tuple(notes),
    )
    return set_aside(Rollup(meta, **counted.tables), parts.astray(counted))


def set_aside(rollup: Rollup, astray: int) -> Rollup:
    """Return a rollup that counts, and says, how many requests it does not hold since they were astray."""
    if not astray:
        return rollup
    meta = rollup.meta
    row = {"time": meta.first, "reason": strays.REASON, "requests": astray}
    return replace(
        rollup,
        excluded=pl.concat([rollup.excluded, pl.DataFrame([row], schema=rollup.excluded.schema)]),
        meta=replace(
            meta,
            requests=meta.requests + astray,
            excluded=meta.excluded + astray,
            notes=(*meta.notes, strays.said(astray)),
        ),
    )
