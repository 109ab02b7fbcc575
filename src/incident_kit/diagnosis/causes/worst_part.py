"""Find the part that has the bad spans: an instance of a service, a shard of a database, a host.

Example: the spans of `cart` name three instances. Of 240 slow spans 225 ran on instance b, which served a
third of all spans: b is the worst part. The threshold on the share of traffic keeps a part that merely serves
most requests from being blamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.measure.spans.span_time import self_ns
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.schema import attribute
from incident_kit.window import Window

MOST_OF_THE_BAD = 0.8
MIN_SEPARATION = 0.3
"""A part's share of the bad spans exceeds its share of all spans by at least this; a bad one of three equal
instances exceeds it by 0.67."""

MIN_BAD_SPANS = 20
"""Fewer bad spans than this fall to one of several parts by chance."""

USUAL_QUANTILE = 0.99
"""A span is slow if it exceeds this quantile of the earlier durations of its operation."""

SEEN = ("service", "name", "route", "kind", "start", "duration_ms", "status", "http_status", "attributes")
"""The columns that are used; filtering rows costs time per column."""

EXCESS = pl.col("bad").sum() - pl.col("usual").sum()
"""Bad spans beyond the usual 1 %. Without the subtraction, the usual slow spans of a busy host would hide a
bad host with little traffic."""


class Part(NamedTuple):
    """A value of an attribute: its share of the bad spans with its interval, and of all spans (`traffic`)."""

    attribute: str
    value: str
    share: float
    low: float
    high: float
    traffic: float

    def __str__(self) -> str:
        return f"{self.value} ({self.attribute})"

    @property
    def share_in_words(self) -> str:
        """Its share of the bad spans."""
        return wording.share_with_interval(self.share, self.low, self.high)


class SharedPlace(NamedTuple):
    """A host or a zone, and the services that were slow there and hardly elsewhere."""

    part: Part
    services: list[str]

    @property
    def objection(self) -> str:
        """The objection to any one of these services as the cause."""
        return f"{len(self.services)} services slowed down at {self.part}, and hardly elsewhere"


def with_own_time(tree: SpanTree) -> pl.DataFrame:
    """Return the spans with their own time as duration, because a caller waits on whatever host it runs."""
    return tree.spans.with_columns(pl.Series("duration_ms", self_ns(tree) / NS_PER_MS))


def with_work_time(tree: SpanTree) -> pl.DataFrame:
    """Return the spans; of one that a service serves, the duration is what the service itself took for it.

    That is its own time and that of internal spans below it, as of a rendering; calls do not count.
    """
    inner = tree.of_kind("internal") & ~tree.remote & (tree.parent != NO_PARENT)
    served = np.arange(len(inner))
    while inner[served].any():
        served = np.where(inner[served], tree.parent[served], served)
    took = np.bincount(served, self_ns(tree), len(inner))
    return tree.spans.with_columns(duration_ms=pl.Series(took / NS_PER_MS))


def bad_spans(incident: Incident, during: Window, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans that begin `during` the incident, with `bad`: whether they failed, or were slow.

    A span is slow compared with the same operation of the same service before. `usual` is the share of spans
    that are bad anyway, on any host.
    """
    spans = spans.select(SEEN)
    before, within = (spans.filter(window.covers("start")) for window in (incident.baseline, during))
    if incident.indicator != "latency":
        return within.with_columns(bad=pl.Series(has_failed(within)), usual=pl.lit(0.0))
    alike = ["service", "name", "route"]
    usual = before.group_by(alike).agg(most=pl.col("duration_ms").quantile(USUAL_QUANTILE))
    timed = within.join(usual, on=alike, nulls_equal=True)
    return timed.with_columns(bad=pl.col("duration_ms") > pl.col("most"), usual=1 - USUAL_QUANTILE)


def worst_part(spans: pl.DataFrame, names: Sequence[str]) -> Part | None:
    """Return the part that explains the bad spans, by the first of the attributes `names` that shows one."""
    known = spans.filter(pl.col("bad").is_not_null())
    texts = known.group_by("attributes").agg(pl.len().alias("spans"), bad=EXCESS)
    for name in names:
        if (part := _worst(texts, name)) is not None:
            return part
    return None


def _worst(texts: pl.DataFrame, name: str) -> Part | None:
    """Return the worst value of one attribute; `texts`: attributes, their `spans`, and extra `bad` ones."""
    parts = (
        texts.select("spans", "bad", value=attribute(name))
        .drop_nulls()
        .group_by("value")
        .agg(pl.col("spans").sum(), pl.col("bad").sum().clip(lower_bound=0))
        .sort("bad", "value", descending=[True, False])
    )
    bad, whole = float(parts["bad"].sum()), int(parts["spans"].sum())
    if parts.height < 2 or bad < MIN_BAD_SPANS:
        return None
    first = parts.row(0, named=True)
    low, high = share_interval(first["bad"], bad)
    share, traffic = first["bad"] / bad, first["spans"] / whole
    separates = share >= MOST_OF_THE_BAD and min(low, share - MIN_SEPARATION) >= traffic
    return Part(name, first["value"], share, low, high, traffic) if separates else None
