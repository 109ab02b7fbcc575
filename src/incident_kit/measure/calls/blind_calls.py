"""Blind calls: spans that wait for somebody who left no span.

A database, a cache, a third party records no spans; a service that was killed records none any more.
Both are named from the caller's side: by the service that usually answers spans of that name, by the
service the peer resolves to, by the peer itself, by the span's own name.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.unheard_answers import answered_unheard
from incident_kit.measure.spans.parent_rows import NO_PARENT

USUALLY = 0.9
"""A name or peer stands for a service if nine in ten of its spans were answered by that service."""


def blind_calls(linked: pl.DataFrame) -> pl.DataFrame:
    """Return the calls nobody answered, one row each, in the columns of `segments`' calls.

    `linked` is a table of `measure.linked_spans` with `usual`: whether the answering service of a name or a
    peer may be learnt from a span.
    """
    waiting = _waiting(linked)
    by_name = _usual_answer(waiting, "name")
    waiting = _with_turns(linked, waiting, by_name)
    learnt = {"name": by_name, **{key: _usual_answer(waiting, key) for key in ("peer", "place", "turn")}}
    remote_peer = pl.col("peer").is_not_null() & (pl.col("peer") != pl.col("service"))
    childless = pl.col("childless")
    # A client span may hold spans of its own making (a connect, a TLS handshake), but no further call.
    calling = pl.col("calling") & ~pl.col("calls_on")
    unanswered = pl.any_horizontal(pl.col("by_name", "by_peer", "by_place", "by_turn").is_not_null())
    callee = pl.coalesce(
        "by_name", "by_peer", _service_in_peer(linked), "by_place", "by_turn", "peer", "name"
    )
    database = pl.col("attributes").str.contains('"db.system', literal=True)
    blind = _unanswered(linked, waiting).filter(~pl.col("entry") | pl.col("peer").is_not_null())
    for key, answers_to in learnt.items():
        blind = blind.join(answers_to, on=["service", key], how="left")
    blind = blind.filter(
        (childless & (remote_peer | unanswered)) | (calling & (remote_peer | childless))
    ).with_columns(callee=callee)
    # Somebody who used to answer did not: that is a failure, whatever the status says; unless the call tells
    # its answer, or went as if it had been answered: then nothing but the callee's spans is missing.
    lost = unanswered & ~pl.col("answered") & ~answered_unheard(waiting, blind)
    return (
        blind.select(
            "segment", "span", "trace", "start", "end",
            (pl.col("failed") | lost).alias("failed"),
            pl.lit(None, pl.Int64).alias("callee_segment"),
            pl.col("service").alias("caller"),
            "callee",
            pl.col("name").alias("operation"),
            (pl.col("failed") | lost).alias("origin"),
            database.fill_null(value=False).alias("database"),
            remote_peer.fill_null(value=False).alias("named_by_peer"),
        )
        .filter(pl.col("callee") != pl.col("caller"))
    )  # fmt: skip


def _waiting(linked: pl.DataFrame) -> pl.DataFrame:
    """Return the spans that may be calls with who answered, if anybody did (`callee`), and was waited for."""
    parent = linked["parent"].to_numpy()
    answers = np.flatnonzero(linked["entry"].to_numpy() & (parent != NO_PARENT))
    answered_by = np.full(len(parent), NO_PARENT)
    answered_by[parent[answers]] = answers
    waiting = linked.select(pl.col("unlabelled") | pl.col("calling")).to_series().arg_true()
    answer = pl.Series(answered_by)[waiting].replace(NO_PARENT, None)
    of_each = linked.select("segment", "start", "end", "service", "name", "peer", "usual")
    return of_each[waiting].with_columns(
        span=waiting.cast(pl.Int64),
        callee=linked["service"].gather(answer),
        awaited=linked["waits"].gather(answer),
    )


def _unanswered(linked: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
    """Return those that nobody answered, with all that tells of them.

    `childless`: nothing is below it; `calls_on`: a call is.
    """
    parent = linked["parent"].to_numpy()
    childless, calls_on = np.ones(len(parent), dtype=bool), np.zeros(len(parent), dtype=bool)
    childless[parent[parent != NO_PARENT]] = False
    calls_on[parent[(parent != NO_PARENT) & linked["calling"].to_numpy()]] = True
    unanswered = waiting.filter(pl.col("callee").is_null())
    told = linked.select("trace", "attributes", "calling", "entry", "failed", "answered")
    told = told.with_columns(childless=pl.Series(childless), calls_on=pl.Series(calls_on))
    return unanswered.hstack(told[unanswered["span"]])


def _with_turns(linked: pl.DataFrame, waiting: pl.DataFrame, by_name: pl.DataFrame) -> pl.DataFrame:
    """Add what identifies a call whose name does not (`HTTP GET`): `turn`, its turn among its segment's.

    And `place`: the span right around it, with its turn in there. Null for names that tell, and for those
    that mostly are no calls: frameworks put childless spans of the same name around the real one.
    """
    callee = pl.col("callee")
    names = waiting.group_by("service", "name").agg(answered=callee.is_not_null().mean())
    asked = names.filter(pl.col("answered").is_between(1 - USUALLY, 1, closed="left"))
    unclear = asked.join(by_name, on=["service", "name"], how="anti").select("service", "name")
    calls = (
        waiting.join(unclear, on=["service", "name"], how="semi")
        .with_columns(
            around=pl.lit(linked["parent"]).gather(pl.col("span")),
            operation=pl.lit(linked["name"]).gather(pl.col("segment")),
        )
        .with_columns(within=pl.lit(linked["name"]).gather(pl.col("around")))
        .sort("segment", "start")
        .with_columns(
            nth=pl.int_range(pl.len()).over("segment", "name"),
            nth_there=pl.int_range(pl.len()).over("around", "name"),
        )
        .select(
            "span",
            turn=pl.concat_str("operation", "name", "nth", separator=" #"),
            place=pl.concat_str("within", "name", "nth_there", separator=" #"),
        )
    )
    return waiting.join(calls, on="span", how="left")


def _usual_answer(waiting: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return service, `key` and the service that answers nearly all its spans of that key."""
    answers = (
        waiting.select("usual", "service", key, "callee")
        .filter("usual", pl.col(key).is_not_null())
        .group_by("service", key, "callee")
        .len()
        .with_columns(total=pl.col("len").sum().over("service", key))
    )
    return answers.filter(pl.col("callee").is_not_null(), pl.col("len") >= USUALLY * pl.col("total")).select(
        "service", key, pl.col("callee").alias(f"by_{key}")
    )


def _service_in_peer(linked: pl.DataFrame) -> pl.Expr:
    """Return the service whose name is the first label of the peer (`payments.shop.svc:8080`)."""
    label = pl.col("peer").str.extract(r"^([^.:/]+)")
    return pl.when(label.is_in(linked["service"].unique().to_list())).then(label)
