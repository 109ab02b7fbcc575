"""Who usually answers a call: told by its name, by its peer, by its turn, or by the span around it."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.calls.waiting_spans import Waiting
from incident_kit.measure.spans.parent_rows import NO_PARENT

USUALLY = 0.9
"""A name or peer stands for a service if nine in ten of its spans were answered by that service."""

NAME = ["service", "name"]


def with_usual_answers(calls: pl.DataFrame, linked: LinkedSpans, waiting: Waiting) -> pl.DataFrame:
    """Return `calls` with those who usually answer such: by_name, by_peer, by_place, by_turn; or null.

    `calls` are spans of `waiting`: span, service, name, peer. What identifies a call whose name does not
    (`HTTP GET`) is its `turn` among its segment's, and its `place`: the span right around it, with its turn
    in there. Names that tell have neither, nor have those that mostly are no calls: frameworks put childless
    spans of the same name around the real one.
    """
    counts = waiting.counts(linked)
    by_name, by_peer = _usual(counts, "name"), _usual(counts, "peer")
    turns = _turns(linked, waiting, _unclear(counts, by_name))
    calls = calls.join(turns.select("span", "place", "turn"), on="span", how="left", maintain_order="left")
    learnt = {
        "name": by_name,
        "peer": by_peer,
        "place": _usual(turns, "place"),
        "turn": _usual(turns, "turn"),
    }
    for key, usual in learnt.items():
        calls = calls.join(usual, on=["service", key], how="left", maintain_order="left")
    return calls


def _unclear(counts: pl.DataFrame, by_name: pl.DataFrame) -> pl.DataFrame:
    """Return service and name of calls that are often answered, and not always by the same."""
    answered = pl.col("len").filter(pl.col("callee").is_not_null()).sum() / pl.col("len").sum()
    asked = counts.group_by(NAME).agg(answered=answered)
    often = asked.filter(pl.col("answered").is_between(1 - USUALLY, 1, closed="left"))
    return often.join(by_name, on=NAME, how="anti").select(NAME)


def _turns(linked: LinkedSpans, waiting: Waiting, unclear: pl.DataFrame) -> pl.DataFrame:
    """Return span, service, usual, callee, place and turn of the calls with such names, a `len` of 1 each."""
    of_names = linked.names.with_row_index("row").join(unclear, on=NAME, how="semi")["row"]
    is_unclear = np.zeros(len(linked.names), dtype=bool)
    is_unclear[of_names.to_numpy()] = True
    calls = waiting.where(is_unclear[linked.named[waiting.span]])
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
        "span", "service", "usual", "callee",
        turn=_numbered("operation", pl.int_range(pl.len()).over("segment", "name")),
        place=_numbered("within", pl.int_range(pl.len()).over("around", "name")),
        len=pl.lit(1),
    )  # fmt: skip


def _numbered(where: str, turn: pl.Expr) -> pl.Expr:
    return pl.concat_str(where, "name", turn, separator=" #")


def _usual(counts: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return service, `key` and the service that answers nearly all its spans of that key."""
    answers = (
        counts.filter("usual", pl.col(key).is_not_null())
        .group_by("service", key, "callee")
        .agg(pl.col("len").sum())
        .with_columns(total=pl.col("len").sum().over("service", key))
    )
    return answers.filter(pl.col("callee").is_not_null(), pl.col("len") >= USUALLY * pl.col("total")).select(
        "service", key, pl.col("callee").alias(f"by_{key}")
    )
