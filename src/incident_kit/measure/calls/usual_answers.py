"""Determine who usually answers a call, by its name, its peer, its turn, or the span around it."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.call_candidates import CallCandidates
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.spans.parent_rows import NO_PARENT

MIN_USUAL_SHARE = 0.9
"""Share of a name's or peer's spans that one service must have answered, for the name or peer to stand for
it.
"""

NAME = ["service", "name"]


def with_usual_answers(calls: pl.DataFrame, linked: LinkedSpans, candidates: CallCandidates) -> pl.DataFrame:
    """Return `calls` with the service that usually answers: by_name, by_peer, by_place, by_turn; or null.

    `calls` are spans of `candidates`: span, service, name, peer. A call with an unspecific name (`HTTP GET`)
    is identified by its `turn` among the calls of its segment, and by its `place`, the span right around it
    and its turn there. For example, the second `HTTP GET` in a segment that serves `GET /cart` has the turn
    `GET /cart #HTTP GET #1`. Specific names have neither. Names that mostly are no calls have neither too,
    because frameworks put childless spans of the same name around the real call.
    """
    counts = candidates.counts(linked)
    by_name, by_peer = _usual(counts, "name"), _usual(counts, "peer")
    turns = _turns(linked, candidates, _unclear(counts, by_name))
    calls = calls.join(turns.select("span", "place", "turn"), on="span", how="left", maintain_order="left")
    inferred = {
        "name": by_name,
        "peer": by_peer,
        "place": _usual(turns, "place"),
        "turn": _usual(turns, "turn"),
    }
    for key, usual in inferred.items():
        calls = calls.join(usual, on=["service", key], how="left", maintain_order="left")
    return calls


def _unclear(counts: pl.DataFrame, by_name: pl.DataFrame) -> pl.DataFrame:
    """Return service and name of calls that are often answered, and not always by the same service."""
    answered = pl.col("len").filter(pl.col("callee").is_not_null()).sum() / pl.col("len").sum()
    asked = counts.group_by(NAME).agg(answered=answered)
    often = asked.filter(pl.col("answered").is_between(1 - MIN_USUAL_SHARE, 1, closed="left"))
    return often.join(by_name, on=NAME, how="anti").select(NAME)


def _turns(linked: LinkedSpans, candidates: CallCandidates, unclear: pl.DataFrame) -> pl.DataFrame:
    """Return span, service, is_baseline, callee, place, turn of the calls with unclear names; `len` is 1."""
    of_names = linked.names.with_row_index("row").join(unclear, on=NAME, how="semi")["row"]
    is_unclear = np.zeros(len(linked.names), dtype=bool)
    is_unclear[of_names.to_numpy()] = True
    calls = candidates.filter(is_unclear[linked.named[candidates.span]])
    segment, around = linked.segment[calls.span], linked.tree.parent[calls.span]
    name = linked.names["name"]
    within = pl.Series(linked.named[around]).set(pl.Series(around == NO_PARENT), None)
    told = calls.named(linked).with_columns(
        pl.Series("span", calls.span),
        pl.Series("segment", segment),
        pl.Series("around", around),
        pl.Series("start", linked.tree.start[calls.span]),
        operation=name.gather(linked.named[segment]),
        within=name.gather(within),
    )
    return told.sort("segment", "start").select(
        "span", "service", "is_baseline", "callee",
        turn=_numbered("operation", pl.int_range(pl.len()).over("segment", "name")),
        place=_numbered("within", pl.int_range(pl.len()).over("around", "name")),
        len=pl.lit(1),
    )  # fmt: skip


def _numbered(where: str, turn: pl.Expr) -> pl.Expr:
    return pl.concat_str(where, "name", turn, separator=" #")


def _usual(counts: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return service, `key`, and the service that answers nearly all spans with that key."""
    answers = (
        counts.filter("is_baseline", pl.col(key).is_not_null())
        .group_by("service", key, "callee")
        .agg(pl.col("len").sum())
        .with_columns(total=pl.col("len").sum().over("service", key))
    )
    return answers.filter(
        pl.col("callee").is_not_null(), pl.col("len") >= MIN_USUAL_SHARE * pl.col("total")
    ).select("service", key, pl.col("callee").alias(f"by_{key}"))
