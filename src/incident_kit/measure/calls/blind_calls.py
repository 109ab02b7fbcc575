"""Find blind calls: spans that wait for a callee without a span.

A database, a cache or a third party records no spans, and a killed service records none any more. The
caller's span names them: by the service that usually answers spans of that name, by the service that the peer
resolves to, by the peer itself, or by the span's own name. For example, a client span `SELECT orders` with
the peer `orders-db:5432` and no child is a blind call to `orders-db:5432`.
"""

from __future__ import annotations

import polars as pl

from incident_kit.measure.calls.call_candidates import call_candidates
from incident_kit.measure.calls.hidden_services import HOST
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.calls.untraced_answers import went_as_usual
from incident_kit.measure.calls.usual_answers import with_usual_answers
from incident_kit.measure.spans.parent_rows import Rows

INFERRED = ("by_name", "by_peer", "by_place", "by_turn")

REMOTE_PEER = (pl.col("peer").is_not_null() & (pl.col("peer") != pl.col("service"))).fill_null(value=False)


def blind_calls(linked: LinkedSpans) -> pl.DataFrame:
    """Return the calls that nobody answered, one row each, in the order of their spans.

    Columns: span (row), caller, callee, operation, database, named_by_peer, lost (a service used to answer).
    """
    candidates = call_candidates(linked)
    told = with_usual_answers(_unanswered(linked, candidates.unanswered), linked, candidates)
    unanswered = pl.any_horizontal(pl.col(INFERRED).is_not_null())
    callee = pl.coalesce(
        "by_name", "by_peer", _service_in_peer(linked), "by_place", "by_turn", "peer", "name"
    )
    blind = told.filter(
        (pl.col("childless") & (REMOTE_PEER | unanswered)) | ("calling" & (REMOTE_PEER | pl.col("childless")))
    ).with_columns(callee=callee, unanswered=unanswered)
    # A call that a service used to answer and did not is a failure, whatever its status says. Exceptions are
    # calls whose span records an answer, and calls that went as if answered: there, only the callee's spans
    # are missing.
    lost = blind["unanswered"] & ~pl.Series(linked.answered[blind["span"]])
    if lost.any():
        lost &= ~went_as_usual(linked, candidates, blind)
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
    """Return the unanswered spans that may be calls: span, service, name, peer, childless, calling.

    A client span may contain spans of its own (a connect, a TLS handshake), but no further call.
    """
    childless = ~linked.tree.has_child()
    calling = linked.calling & ~linked.tree.has_child(linked.calling)
    names_peer = linked.names["peer"].is_not_null().to_numpy()[linked.named[span]]
    span = span[(childless | calling)[span] & (names_peer | ~linked.entry[span])]
    return linked.names.select("service", "name", "peer")[linked.named[span]].with_columns(
        pl.Series("span", span), pl.Series("childless", childless[span]), pl.Series("calling", calling[span])
    )


def _service_in_peer(linked: LinkedSpans) -> pl.Expr:
    """Return the service whose name is the first label of the peer (`payments.shop.svc:8080`)."""
    return pl.when(HOST.is_in(linked.names["service"].unique().to_list())).then(HOST)


def _of_database(linked: LinkedSpans, span: pl.Series) -> pl.Series:
    """Return whether each span's attributes name a database system."""
    named = linked.tree.spans["attributes"].gather(span).str.contains('"db.system', literal=True)
    return named.fill_null(value=False).alias("database")
