"""What failed requests say of their failure is told, with what it means and what to do about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.error_meanings import UNKNOWN, meaning_of
from incident_kit.errors import ParameterError
from incident_kit.schema import SPANS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SECONDS, ONSET = 1200, 600
REFUSED = "connect ECONNREFUSED 192.0.2.{}:5432"


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("getaddrinfo ENOTFOUND orders.internal", "resolved"),
        ("socket.gaierror: [Errno -2] Name or service not known", "resolved"),
        ("dial tcp: lookup orders on 192.0.2.53:53: no such host", "resolved"),
        ("java.net.UnknownHostException: orders", "resolved"),
        ("Couldn't resolve host 'orders'", "resolved"),
        ("curl: (6) Could not resolve host: orders", "resolved"),
        ("dns", "resolved"),
        ("x509: certificate has expired or is not yet valid", "certificate"),
        ("javax.net.ssl.SSLHandshakeException: PKIX path building failed", "certificate"),
        ("HikariPool-1 - Connection is not available, request timed out after 30000ms.", "pool"),
        ("QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00", "pool"),
        ("FATAL: sorry, too many clients already", "pool"),
        ("FATAL: remaining connection slots are reserved for roles", "pool"),
        ("Deadlock found when trying to get lock; try restarting transaction", "locks"),
        ("Lock wait timeout exceeded; try restarting transaction", "locks"),
        ("ERROR: could not serialize access due to concurrent update", "locks"),
        ('relation "orders" does not exist', "schema"),
        ("Unknown column 'o.tax' in 'field list'", "schema"),
        ("OSError: [Errno 28] No space left on device", "space"),
        ("java.lang.OutOfMemoryError: Java heap space", "memory"),
        ("429 Too Many Requests", "limit"),
        ("ThrottlingException: Rate exceeded", "limit"),
        ("rpc error: code = ResourceExhausted desc = quota", "limit"),
        ('password authentication failed for user "shop"', "let in"),
        ("AccessDeniedException: not authorized to perform dynamodb:GetItem", "let in"),
        ("CircuitBreaker 'pay' is OPEN and does not permit further calls", "breaker"),
        ("dial tcp 192.0.2.7:5432: connect: connection refused", "listens"),
        ("connect EHOSTUNREACH 192.0.2.7:5432", "reached"),
        ("upstream connect error: no healthy upstream", "reached"),
        ("14 UNAVAILABLE: No connection established. Last error: null", "reached"),
        ("14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED", "listens"),
        ("connect ETIMEDOUT 192.0.2.7:443", "reached"),
        ("dial tcp 192.0.2.7:443: i/o timeout", "reached"),
        ("upstream connect error or disconnect/reset: connection timeout", "reached"),
        ("server closed the connection unexpectedly", "closed"),
        ("SSL SYSCALL error: EOF detected", "closed"),
        ("SSL connection has been closed unexpectedly", "closed"),
        ("reset reason: connection termination", "closed"),
        ("read ECONNRESET", "closed"),
        ("Error: socket hang up", "closed"),
        ("unexpected EOF", "closed"),
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))", "closed"),
        ("context deadline exceeded", "time-out"),
        ("read tcp 192.0.2.1:9000->192.0.2.7:443: i/o timeout", "time-out"),
        ("Pool has no available connection", "pool"),
        ("Read timed out. (read timeout=2)", "time-out"),
        ("canceling statement due to statement timeout", "time-out"),
        ("TypeError: Cannot read properties of undefined (reading 'sku')", "code"),
        ("runtime error: invalid memory address or nil pointer dereference", "code"),
    ],
)
def test_messages_of_runtimes_and_servers_mean_what_their_words_say(message: str, says: str) -> None:
    assert says in meaning_of(message).says


@pytest.mark.parametrize("message", ["unexpected state", "card was declined", "internal", "RuntimeError"])
def test_a_message_of_other_words_has_no_known_meaning(message: str) -> None:
    assert meaning_of(message) is UNKNOWN


def diagnosed(message: str, *, often: float = 1.0, on_the_call: bool = True) -> ik.Diagnosis:
    """Diagnose requests of a shop, of which each fourth fails, `often` with a message of its database's call.

    With `{}` in it, the message names another address each time. Every failed request says of itself that its
    status is 500.
    """
    draw, rows = Random(1), list[dict[str, Any]]()
    for second in range(SECONDS):
        at, fails = START + timedelta(seconds=second), second >= ONSET and draw.random() < 0.25
        said = {"error.type": "DbError", "exception.message": message.format(second % 7)}
        told = said if fails and draw.random() < often else {}
        took, status = draw.uniform(4, 6), "error" if fails else None
        own = json.dumps({"error.type": "500"} if fails else {})
        call = {"trace_id": f"t{second}", "status": status}
        rows += [
            call | {"span_id": "get", "service": "shop", "name": "GET", "kind": "server", "start": at,
                    "duration_ms": took + 5, "attributes": own},
            call | {"span_id": "query", "parent_span_id": "get", "service": "shop", "name": "SELECT",
                    "kind": "client", "peer": "orders-db", "start": at + timedelta(milliseconds=2),
                    "duration_ms": took, "attributes": json.dumps(told if on_the_call else {})},
        ]  # fmt: skip
    return ik.diagnose(spans=conform(pl.DataFrame(rows, infer_schema_length=None), SPANS))


def finding(found: ik.Diagnosis) -> dict[str, Any] | None:
    return next(found.findings.filter(id="error-message").iter_rows(named=True), None)


def test_the_message_of_most_failed_requests_is_quoted_with_its_place_and_meaning() -> None:
    told = finding(diagnosed(REFUSED))
    assert told is not None
    start, _, rest = told["claim"].partition("192.0.2.")
    assert start == 'Most failed requests say "DbError: connect ECONNREFUSED '
    assert rest[1:] == ':5432" (shop, calling orders-db): nothing listens at the address that was called.'
    assert told["evidence"].endswith("failed requests with a trace say so; none before.")
    assert told["change"].startswith("See whether the process runs and listens on that port")


@pytest.mark.parametrize(
    "extra",
    [
        {"err": {"type": "DbError", "message": "no price for it\nat Pool.get"}},
        {"error": "no price for it"},
        {"error.message": "no price for it", "error": {"code": "500"}},
        {"exception": {"exception_class": "DbError", "exception_message": "no price for it"}},
    ],
    ids=["pino", "logrus and zap", "ECS", "logstash"],
)
@pytest.mark.parametrize("traced", [False, True], ids=["no traces", "traces without messages"])
def test_where_no_span_says_anything_the_errors_in_the_log_are_told(
    extra: dict[str, Any], traced: bool
) -> None:
    spans = None
    if traced:
        silent = {"span_id": "s", "service": "shop", "name": "GET", "kind": "server", "duration_ms": 5.0}
        traces = [
            silent | {"trace_id": f"t{at}", "start": START + timedelta(seconds=at), "status": "error"}
            for at in range(ONSET, SECONDS, 4)
        ]
        spans = conform(pl.DataFrame(traces), SPANS)
    requests = pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=second) for second in range(SECONDS)],
            "method": "GET",
            "route": "/cart",
            "status": [500 if second >= ONSET and second % 4 == 0 else 200 for second in range(SECONDS)],
            "duration_ms": 5.0,
        }
    ).with_columns(extra=pl.when(pl.col("status") == 500).then(pl.lit(json.dumps(extra))))
    told = finding(ik.diagnose(requests, spans))
    assert told is not None
    assert told["claim"] == 'Most failed requests say "no price for it" (in the log).'
    assert told["evidence"].endswith("failed requests say so; none before.")


def test_secrets_in_a_message_are_masked() -> None:
    told = finding(diagnosed("no user ann.lee@example.com with token=abc{}"))
    assert told is not None
    assert "***" in told["claim"]
    assert "ann.lee" not in told["claim"]
    assert "abc" not in told["claim"]


@pytest.mark.parametrize(
    ("why", "how"),
    [
        ("too few say anything", {"often": 0.4}),
        ("a status code is no message", {"on_the_call": False}),
    ],
)
def test_what_few_failed_requests_say_is_not_told(why: str, how: dict[str, Any]) -> None:
    assert finding(diagnosed(REFUSED, **how)) is None, why


@pytest.mark.parametrize(
    ("message", "stated"), [(REFUSED, ["orders-db"]), ("getaddrinfo EAI_AGAIN orders-db", [])]
)
def test_a_dependency_whose_name_cannot_be_resolved_is_no_established_cause(
    message: str, stated: list[str]
) -> None:
    found = diagnosed(message)
    assert found.dependencies["name"][0] == "orders-db"
    assert found.dependencies.filter("stated")["name"].to_list() == stated
    told = finding(found)
    assert told is not None
    assert ("a name could not be resolved" in told["claim"]) == (not stated)


def test_messages_are_counted_in_the_incident_and_before_it_for_analyses_of_ones_own() -> None:
    said = {0: "a 1", 1: "a 2", 2: "a 2", 3: "b", 4: None, 10: "a 3", 11: "b", 12: "b", 13: "b"}
    spans = conform(
        pl.DataFrame([
            {"trace_id": f"t{minute}", "span_id": "s", "service": "shop", "name": "GET", "kind": "server",
             "start": START + timedelta(minutes=minute), "duration_ms": 5.0, "status": "error",
             "attributes": json.dumps({"exception.message": message} if message else {})}
            for minute, message in said.items()
        ]),
        SPANS,
    )  # fmt: skip
    noon = START + timedelta(minutes=10)
    during, before = ik.Window(noon, START + timedelta(hours=1)), ik.Window(START, noon)
    found = ik.error_messages(spans=spans, incident=during, baseline=before)
    rows = found.select(
        "message", "service", "callee", "requests", "share", "failed", "before", "means"
    ).rows()
    assert rows == [("b", "shop", None, 3, 0.75, 4, 1, None), ("a 3", "shop", None, 1, 0.25, 4, 3, None)]
    assert ik.error_messages(incident=during, baseline="2026-01-31T09:30Z/2026-01-31T10:00Z").is_empty()
    with pytest.raises(ParameterError, match="5 is no window"):
        ik.error_messages(incident=during, baseline=5)  # type: ignore[arg-type]
