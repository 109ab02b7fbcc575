"""The rollup: a few small tables that summarise a log for all later analyses, and that merge exactly.

Every number is a count or a sum of integers, so merging is exact, associative and commutative. Files, hours,
workers and clusters give the same rollup in any order. Two tables are bounded (exemplars, the values of an
attribute). They keep the entries with the smallest hashes, because that choice merges exactly too; keeping
the largest entries would not.

`time` is the start of a bucket of `bucket_s` seconds. The coarse tables (latency, upstreams, attributes,
exemplars) use the wider `coarse_bucket_s`, because with narrow buckets they would be as long as the log.

For example, one row of `counts` says: in the minute from 12:00, `GET /cart` answered 200 to 418 requests, 12
of them slow.
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
from incident_kit.measure.rollups.tables import TABLE_NAMES
from incident_kit.measure.rollups.unit_change import unit_change
from incident_kit.schema import to_polars
from incident_kit.slo import Targets
from incident_kit.window import Window
from incident_kit.wording import stretch

UNTIMED = "no time"

# Without a number, because the notes of a log's parts are joined if they are equal.
UNTIMED_NOTE = (
    "Requests that have no time are left out, for no table of time can hold them: log it, or keep what "
    "stamps each line (kubectl logs --timestamps, docker logs --timestamps)."
)


@dataclass(frozen=True)
class RollupMeta:
    """Describe what a rollup was made from.

    `first` and `last` are the log's own span, from the end of the first valid request to the end of the last
    one. A log writes a request when it ends, so analyses can recognise the edges at which only long requests
    are visible. `requests` counts valid and excluded requests together; `excluded` counts the requests that
    no indicator counts. `notes` are the reader's remarks, for example about damaged input.
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
    """The tables that `TABLES` describes, the exemplars, and a description of the input."""

    meta: RollupMeta
    counts: pl.DataFrame
    latency: pl.DataFrame
    upstreams: pl.DataFrame
    attributes: pl.DataFrame
    excluded: pl.DataFrame
    exemplars: pl.DataFrame

    @property
    def window(self) -> Window | None:
        """Window that the log covers, including its last instant; None if the log has no valid request."""
        if self.meta.first is None or self.meta.last is None:
            return None
        return Window(self.meta.first, self.meta.last + timedelta(microseconds=1))

    @cached_property
    def unit_change(self) -> datetime | None:
        """Approximate time at which the unit of the durations changed; None if it never changed."""
        return unit_change(self.latency)

    @property
    def rows(self) -> int:
        """Total number of rows in all tables. Memory and merge time grow with it."""
        return sum(len(getattr(self, name)) for name in TABLE_NAMES)

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
    """Roll up a frame of REQUESTS.

    Parameters
    ----------
    bucket_s
        Width of a bucket in seconds. By default it fits the frame's span, from 1 s (an hour) to 1 min (a
        day). Give all parts of one log the same bucket.
    coarse_bucket_s
        Bucket of the coarse tables in seconds, a multiple of `bucket_s`; by default ten times as wide.
    targets
        Requests above its `latency_ms` count as slow, exactly.
    exclusions
        Rules for the requests that no indicator counts.
    rejected, notes
        Number of lines that were no requests, and the reader's remarks. The rollup stores both unchanged.
    ordered
        Whether to sort the tables. A rollup that will only be merged needs no order.

    Raises
    ------
    ParameterError
        If a bucket is no whole number of seconds, the coarse one is no multiple of the other, or a target's
        name is unknown.
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
        **counted.coverage._asdict(),
        rejected=rejected,
        notes=tuple(notes),
    )
    rolled_up = with_strays_excluded(Rollup(meta, **counted.tables), parts.astray(counted))
    return _with_excluded(rolled_up, parts.untimed, UNTIMED, UNTIMED_NOTE)


def with_strays_excluded(rollup: Rollup, astray: int) -> Rollup:
    """Return the rollup with `astray` stray requests counted as excluded, and a note that says so."""
    return _with_excluded(rollup, astray, strays.REASON, strays.note(astray))


def _with_excluded(rollup: Rollup, requests: int, reason: str, note: str) -> Rollup:
    """Return the rollup with requests counted as excluded for a reason, and a note."""
    if not requests:
        return rollup
    meta = rollup.meta
    rows = [{"time": meta.first, "reason": reason, "requests": requests}] if meta.first else []
    return replace(
        rollup,
        excluded=pl.concat([rollup.excluded, pl.DataFrame(rows, schema=rollup.excluded.schema)]),
        meta=replace(
            meta,
            requests=meta.requests + requests,
            excluded=meta.excluded + requests,
            notes=(*meta.notes, note),
        ),
    )
