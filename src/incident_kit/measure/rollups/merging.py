"""Merge rollups and put them into wider time buckets. Both operations are exact.

For example, rollups with buckets of 10 s and of 15 s are merged in buckets of 30 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from math import lcm

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.rollups import strays
from incident_kit.measure.rollups.buckets import READABLE_S, coarse_bucket, fitting_bucket, readable_bucket
from incident_kit.measure.rollups.combining import split_by_time, tabulate
from incident_kit.measure.rollups.rollup import Rollup, RollupMeta, with_strays_excluded
from incident_kit.measure.rollups.tables import SUMMED_TABLES, TABLE_NAMES


def merge(rollups: Iterable[Rollup], *, ordered: bool = True) -> Rollup:
    """Merge rollups. Rollups with different buckets are put into the least common multiple of their widths.

    Without `ordered`, the rows of the result are in no particular order; that is enough for a rollup that
    will be merged again.

    Raises
    ------
    ParameterError
        If there is no rollup, or the rollups counted slow requests against different thresholds.
    """
    given = list(rollups)
    if not given:
        raise ParameterError("There is no rollup to merge; give at least one.")
    thresholds = sorted({one.meta.latency_ms for one in given})
    if len(thresholds) > 1:
        raise ParameterError(
            f"The rollups counted slow requests above {thresholds} ms; make them all with one threshold."
        )
    return _regroup(given, reduce(_merge_meta, (one.meta for one in given)), ordered=ordered)


def coarsen(rollup: Rollup, bucket_s: int, coarse_bucket_s: int | None = None) -> Rollup:
    """Return the rollup in wider time buckets. The result is exact.

    The coarse tables get the least common multiple of their present bucket and `coarse_bucket_s`. That
    defaults to the coarse bucket that belongs to `bucket_s`.

    Raises
    ------
    ParameterError
        If `bucket_s` is no multiple of the rollup's own bucket.
    """
    if bucket_s <= 0 or bucket_s % rollup.meta.bucket_s:
        raise ParameterError(
            f"Buckets of {rollup.meta.bucket_s} s do not fit into {bucket_s} s; give a multiple."
        )
    wider = lcm(rollup.meta.coarse_bucket_s, coarse_bucket_s or coarse_bucket(bucket_s))
    return _regroup([rollup], replace(rollup.meta, bucket_s=bucket_s, coarse_bucket_s=wider))


def without_strays(rollup: Rollup) -> Rollup:
    """Return the rollup without its strays. It counts them as excluded, and a note names their number."""
    counts, bucket = rollup.counts, timedelta(seconds=rollup.meta.bucket_s)
    days = strays.main_days(counts["time"], counts["requests"])
    if days is None:
        return rollup
    kept = {name: getattr(rollup, name).filter(strays.is_on_days(days)) for name in TABLE_NAMES}
    first, last = kept["counts"]["time"].min(), kept["counts"]["time"].max() + bucket
    astray = int(counts["requests"].sum() - kept["counts"]["requests"].sum())
    meta = replace(
        rollup.meta,
        first=max(rollup.meta.first or first, first),
        last=min(rollup.meta.last or last, last),
        requests=rollup.meta.requests - astray,
    )
    return with_strays_excluded(Rollup(meta, **kept), astray)


def fit_to_span(rollup: Rollup, bucket_s: int | None = None) -> Rollup:
    """Return the rollup without strays, in buckets that fit its span, or wider if `bucket_s` is wider."""
    rollup = without_strays(rollup)
    wanted = bucket_s or fitting_bucket(rollup.meta.first, rollup.meta.last)
    return coarsen(rollup, lcm(rollup.meta.bucket_s, wanted)) if wanted > rollup.meta.bucket_s else rollup


def readable(rollup: Rollup) -> Rollup:
    """Return the rollup with coarse buckets so wide that a picture has room for all of them."""
    meta = rollup.meta
    wanted = readable_bucket(meta.first, meta.last)
    fits = wanted <= max(READABLE_S[0], meta.coarse_bucket_s)
    return rollup if fits else coarsen(rollup, meta.bucket_s, wanted)


def _merge_meta(one: RollupMeta, other: RollupMeta) -> RollupMeta:
    return RollupMeta(
        bucket_s=lcm(one.bucket_s, other.bucket_s),
        coarse_bucket_s=lcm(one.coarse_bucket_s, other.coarse_bucket_s),
        latency_ms=one.latency_ms,
        first=min((meta.first for meta in (one, other) if meta.first), default=None),
        last=max((meta.last for meta in (one, other) if meta.last), default=None),
        requests=one.requests + other.requests,
        rejected=one.rejected + other.rejected,
        excluded=one.excluded + other.excluded,
        notes=tuple(sorted({*one.notes, *other.notes})),
    )


def _regroup(rollups: Sequence[Rollup], meta: RollupMeta, *, ordered: bool = True) -> Rollup:
    """Combine the tables of all rollups into one rollup with the bucket widths of `meta`."""
    same_buckets = {(one.meta.bucket_s, one.meta.coarse_bucket_s) for one in rollups} == {
        (meta.bucket_s, meta.coarse_bucket_s)
    }
    tables = {}
    for name in TABLE_NAMES:
        parts = [getattr(one, name) for one in rollups]
        if ordered or not same_buckets or name not in SUMMED_TABLES:
            tables[name] = tabulate(name, pl.concat(parts), meta.bucket_s, meta.coarse_bucket_s)
        else:
            added, rest = split_by_time(parts)
            tables[name] = pl.concat([rest, tabulate(name, added, meta.bucket_s, meta.coarse_bucket_s)])
    return Rollup(meta, **tables)
