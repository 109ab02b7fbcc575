"""Rank upstreams from a proxy's log alone, attempt by attempt, without any recorded span."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from incident_kit.diagnosis.causes.dependencies import rank_dependencies
from incident_kit.diagnosis.causes.objection import objected
from incident_kit.diagnosis.causes.upstream_rivals import (
    ALIKE,
    is_worse_itself,
    is_worse_than_others,
    mostly_untried,
)
from incident_kit.diagnosis.culprits.proxy_spans import CLIENT, EITHER, PROXY, proxy_spans
from incident_kit.diagnosis.culprits.sentences import ITS_OWN_TIME, NOTHING
from incident_kit.schema import ENDPOINT, REQUESTS, AnyFrame, conform
from incident_kit.window import Window
from incident_kit.wording import UNEXPLAINED

MAX_REQUESTS = 50_000
"""Upper bound on the requests used of a window. Of more requests every nth is used, because 50,000
suffice."""

OTHERS = 0.1
"""An upstream can be compared with others only if they answer at least this many requests per one of its
own."""

MOST_OF_THE_EXCESS = 0.5
"""If the stated upstream has less of the excess than this, the fault is not its alone."""

ITS_TIME = "the time it takes to answer"
OUTSIDE = "the time outside every upstream"
BY_ITS_OWN = " by its own doing"
"""Words that are removed, because a log does not know whether what an upstream waits for has failed."""

LONE = "no other upstream answers these endpoints, so it may be what is behind it"
ROUTED = "it neither takes longer nor fails more by itself"
UNASKED = "it asked no upstream, as it does where none is left"

KINDS = {PROXY: "proxy", EITHER: "proxy", CLIENT: "client", UNEXPLAINED: "unknown"}


def rank_upstreams(
    requests: AnyFrame,
    incident: Window,
    baseline: Window | Sequence[Window],
    *,
    kind: str | None = None,
) -> pl.DataFrame:
    """Rank the upstreams of a proxy, and the time outside them, by how likely they are at fault.

    Returns the frame of `rank_dependencies`, from REQUESTS with `upstream_addr`. An upstream's own time is
    the time of its attempts, which includes all that it waits for. So an upstream is stated only where others
    answer the same endpoints, and answer them better: for a lone upstream, a log cannot tell whether it or
    something behind it is at fault. The phases that HAProxy and ALB log go to proxy and client. Where a log
    has no phases, the time outside every upstream is listed as `proxy or client`, because a client that reads
    slowly looks the same.

    Raises
    ------
    SchemaError
        If `requests` has no `start_time`, or a column of another type than the schema's.
    """
    frame = conform(requests, REQUESTS, required=("start_time",)).filter(pl.col("duration_ms").is_not_null())
    windows = [incident, *([baseline] if isinstance(baseline, Window) else baseline)]
    chosen = pl.concat([_thinned(frame.filter(window.covers())) for window in windows]).unique(
        ["source", "line_number", "start_time"], keep="any", maintain_order=True
    )
    spans = proxy_spans(chosen)
    ranking = rank_dependencies(spans, incident, baseline, kind=kind)
    time = pl.when(_is_upstream()).then(pl.lit(ITS_TIME)).otherwise(pl.lit(OUTSIDE))
    said = pl.col("evidence").str.replace(ITS_OWN_TIME, time, literal=True)
    said = said.str.replace(BY_ITS_OWN, "", literal=True)
    doubt = _doubt(ranking, chosen, spans.with_columns(in_incident=incident.covers("start")))
    is_named = pl.col("name") == _named(ranking)["name"]
    ranking = ranking.with_columns(
        kind=pl.col("name").replace_strict(KINDS, default="upstream"), evidence=said
    )
    return ranking if doubt is None else _doubted(ranking, doubt, is_named)


def _doubted(ranking: pl.DataFrame, doubt: str, rows: pl.Expr) -> pl.DataFrame:
    """Return a ranking in which nothing is stated; a lone upstream remains the first candidate."""
    unsure = ranking.with_columns(stated=pl.lit(value=False))
    if doubt != LONE:
        return objected(unsure, doubt, rows)
    said = pl.concat_str("evidence", pl.lit(f"; {LONE}"))
    return unsure.with_columns(evidence=pl.when(rows).then(said).otherwise("evidence"))


def _is_upstream() -> pl.Expr:
    return ~pl.col("name").is_in(list(KINDS))


def _named(ranking: pl.DataFrame) -> dict[str, Any]:
    """Return the row that the ranking states, or else its first."""
    stated = ranking.filter("stated")
    return (stated if stated.height else ranking).row(0, named=True)


def _doubt(ranking: pl.DataFrame, requests: pl.DataFrame, spans: pl.DataFrame) -> str | None:
    """Return what speaks against stating the name that the ranking states, or its first candidate."""
    row = _named(ranking)
    name, is_upstream = row["name"], row["name"] not in KINDS
    if not row["stated"] and (not is_upstream or row["evidence"].startswith(NOTHING)):
        return None
    attempts = spans.filter(~pl.col("service").is_in([PROXY, EITHER]))
    if is_upstream:
        if name in _lone(requests):
            return LONE
        is_spread = ranking.filter(pl.col("share") > 0).height > 1 and row["share"] < MOST_OF_THE_EXCESS
        return ALIKE if (row["stated"] and is_spread) or not is_worse_than_others(name, attempts) else None
    roots = spans.filter(pl.col("parent_span_id").is_null())
    if name == CLIENT or is_worse_itself(roots, attempts):
        return None
    return UNASKED if mostly_untried(roots, attempts) else ROUTED


def _lone(requests: pl.DataFrame) -> list[str]:
    """Return the upstreams whose endpoints hardly any other upstream answers."""
    answered = requests.drop_nulls("upstream_addr").group_by(*ENDPOINT, "upstream_addr").len("own")
    shares = answered.with_columns(all=pl.col("own").sum().over(*ENDPOINT)).group_by("upstream_addr")
    others = shares.agg(pl.col("own", "all").sum()).filter(
        pl.col("all") - pl.col("own") < OTHERS * pl.col("own")
    )
    return others["upstream_addr"].to_list()


def _thinned(requests: pl.DataFrame) -> pl.DataFrame:
    """Return every nth request, at most MAX_REQUESTS of them."""
    return requests.gather_every(max(1, -(-requests.height // MAX_REQUESTS)))
