"""Count requests and bad ones by every attribute of a log, in an incident and in its baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from incident_kit.diagnosis.attributes.columns import SHARED, attribute_columns, with_spans
from incident_kit.diagnosis.attributes.parameters import up_to_first_id
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.distinct import per_distinct
from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.measure.indicators.shares import BLOCKS
from incident_kit.measure.requests.status_meaning import meant_status
from incident_kit.measure.requests.traits import user_agent_family
from incident_kit.measure.requests.validity import exclusion_reason
from incident_kit.measure.rollups.buckets import floor_time
from incident_kit.measure.rollups.tables import OTHER
from incident_kit.window import Window

MAX_VALUES = 500
"""Number of values of one attribute that stay separate, those with the most bad requests first."""


def kept_in(attribute: str) -> str:
    """Return the column that keeps an attribute, since a log may have a field called `time` or `bad`."""
    return f"attribute {attribute}"


@dataclass(frozen=True)
class AttributeCounts:
    """Two windows of requests, each with `time`, `bad` and one text column per attribute (`kept_in`).

    `outage_ratio` is the duration of an outage divided by that of its baseline; None if it is no outage. The
    bad requests of an outage are missing.
    """

    before: pl.DataFrame
    during: pl.DataFrame
    attributes: tuple[str, ...]
    outage_ratio: float | None = None

    def by(self, attribute: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return [time, value, requests, bad] of both windows by the values of one attribute."""
        # Requests that an outage kept away cannot be counted in it, so they are counted in the baseline.
        counted = self.during if self.outage_ratio is None else self.before
        column = kept_in(attribute)
        kept = (
            counted.group_by(column)
            .agg(pl.col("bad").sum(), pl.len().alias("requests"))
            .top_k(MAX_VALUES, by=["bad", "requests"])[column]
            .drop_nulls()
        )
        value = pl.col(column)
        named = pl.when(value.is_in(kept.implode()) | value.is_null()).then(value).otherwise(pl.lit(OTHER))
        return self._count(named.alias("value"))

    def by_match(self, matches: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return [time, value, requests, bad] of both windows by whether requests match: `yes` or `no`."""
        return self._count(pl.when(matches).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("value"))

    def _count(self, value: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
        counts = [pl.len().cast(pl.Int64).alias("requests"), pl.col("bad").sum().cast(pl.Int64)]
        before, during = (window.group_by("time", value).agg(counts) for window in (self.before, self.during))
        return before, during


def attribute_counts(
    requests: pl.DataFrame, incident: Incident, spans: pl.DataFrame | None = None
) -> AttributeCounts:
    """Return valid requests of an incident and its baseline with every attribute they have.

    `spans` are the requests' own spans: [trace_id, attributes].
    """
    window = incident.during(requests["start_time"].max())  # type: ignore[arg-type]
    windows = (incident.baseline, window)
    before, during = (with_spans(requests.filter(one.covers()), spans) for one in windows)
    bad = during.filter(is_bad(incident.slo))
    columns = attribute_columns(requests, before, during, bad)
    before, during = (
        _judged(frame, incident, one, columns) for frame, one in zip((before, during), windows, strict=True)
    )
    names = (name for name in columns if _tells_apart([before, during], name))
    return AttributeCounts(before, during, tuple(names), outage_ratio(incident, window))


def outage_ratio(incident: Incident, window: Window) -> float | None:
    """Return how many times as long as its baseline an outage is; None if the incident is no outage."""
    return window.seconds / incident.baseline.seconds if incident.kind == "outage" else None


def _judged(
    within: pl.DataFrame, incident: Incident, window: Window, columns: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    """Return a window's valid requests: time (in blocks), `bad`, and one text column per attribute."""
    block = max(1, round(window.seconds / BLOCKS))
    # A family costs a dozen regular expressions, and there are few distinct user agents, so each is
    # classified once.
    agents = per_distinct(within["user_agent"], user_agent_family=user_agent_family())
    return (
        within.with_columns(agents, up_to_first_id=up_to_first_id(within))
        .lazy()
        .with_columns(exclusion_reason(), is_bad(incident.slo), meant_status())
        .filter(pl.col("reason").is_null(), pl.col("bad").is_not_null())
        .select(
            floor_time("start_time", block).alias("time"),
            "bad",
            *(value.cast(pl.String).alias(kept_in(name)) for name, value in columns.items()),
        )
        .collect()
    )


def _tells_apart(windows: list[pl.DataFrame], name: str) -> bool:
    """Return whether an attribute has several values, and is no id that hardly any two requests share."""
    column = kept_in(name)
    values = pl.concat([window.select(column) for window in windows])[column]
    distinct = values.n_unique()
    if distinct < 2 or values.null_count() == len(values):
        return False
    if distinct <= max(MAX_VALUES, len(values) // 10):
        return True
    bad = windows[1].filter("bad").drop_nulls(column)
    most = bad.group_by(column).len().select(pl.col("len").max()).item()
    return most is not None and int(most) >= SHARED * bad.height
