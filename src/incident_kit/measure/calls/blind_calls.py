"""Blind calls: spans that wait for somebody who left no span.

A database, a cache, a third party records no spans; a service that was killed records none any more.
Both are named from the caller's side: by the service that usually answers spans of that name, by the
service the peer resolves to, by the peer itself, by the span's own name.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.hidden_services import HOST
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.calls.unheard_answers import answered_unheard
from incident_kit.measure.calls.usual_answers import with_usual_answers
from incident_kit.measure.calls.waiting_spans import waiting_spans
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows

LEARNT = ("by_name", "by_peer", "by_place", "by_turn")

REMOTE_PEER = (pl.col("peer").is_not_null() & (pl.col("peer") != pl.col("service"))).fill_null(value=False)


def blind_calls(linked: LinkedSpans) -> pl.DataFrame:
    """Return the calls nobody answered, one row each, in the order of their spans.

    Columns: span (row), caller, callee, operation, database, named_by_peer, lost (somebody used to answer).
    """
    waiting = waiting_spans(linked)
    told = with_usual_answers(_unanswered(linked, waiting.unanswered), linked, waiting)
    unanswered = pl.any_horizontal(pl.col(LEARNT).is_not_null())
    callee = pl.coalesce(
        "by_name", "by_peer", _service_in_peer(linked), "by_place", "by_turn", "peer", "name"
    )
    blind = told.filter(
        (pl.col("childless") & (REMOTE_PEER | unanswered)) | ("calling" & (REMOTE_PEER | pl.col("childless")))
    ).with_columns(callee=callee, unanswered=unanswered)
    # Somebody who used to answer did not: that is a failure, whatever the status says; unless the call tells
    # its answer, or went as if it had been answered: then nothing but the callee's spans is missing.
    lost = blind["unanswered"] & ~pl.Series(linked.answered[blind["span"]])
    if lost.any():
        lost &= ~answered_unheard(linked, waiting, blind)
    return blind.select(
        "span",
        "callee",
        pl.col("service").alias("caller"),
        pl.col("name").alias("operation"),
        _of_database(linked, blind["span"]),
        REMOTE_PEER.alias("named_by_peer"),
        lost.alias("lost"),
    ).filter(pl.col("callee") != pl.col("caller"))


def _unanswered(linked: LinkedSpans, span: Rows) -> pl.DataFrame:
    """Return those of the unanswered spans that may be a call: span, service, name, peer, childless, calling.

    A client span may hold spans of its own making (a connect, a TLS handshake), but no further call.
    """
    parent = linked.tree.parent
    childless, calls_on = np.ones(len(linked), dtype=bool), np.zeros(len(linked), dtype=bool)
    childless[parent[parent != NO_PARENT]] = False
    calls_on[parent[(parent != NO_PARENT) & linked.calling]] = True
    calling = linked.calling & ~calls_on
    names_peer = linked.names["peer"].is_not_null().to_numpy()[linked.named[span]]
    span = span[(childless | calling)[span] & (names_peer | ~linked.entry[span])]
    return linked.names.select("service", "name", "peer")[linked.named[span]].with_columns(
        pl.Series("span", span), pl.Series("childless", childless[span]), pl.Series("calling", calling[span])
    )


def _service_in_peer(linked: LinkedSpans) -> pl.Expr:
    """Return the service whose name is the first label of the peer (`payments.shop.svc:8080`)."""
    return pl.when(HOST.is_in(linked.names["service"].unique().to_list())).then(HOST)


def _of_database(linked: LinkedSpans, span: pl.Series) -> pl.Series:
    """Return of each span whether its attributes name a database system."""
    named = linked.tree.spans["attributes"].gather(span).str.contains('"db.system', literal=True)
    return named.fill_null(value=False).alias("database")
