"""Calls: who answered, the time on the way, calls that nobody answered, and retries."""

from collections.abc import Callable

import pytest

from incident_kit.measure.calls.calls import calls


def test_the_gap_is_what_of_the_call_is_not_in_the_callee(draw: Callable) -> None:
    (call,) = calls(
        draw("""
        a    kind=client service=shop name=charge : ==========
        b <a kind=server service=payments         :  ======
        """)
    ).to_dicts()
    times = {name: call[name] for name in ("duration_ms", "callee_ms", "before_ms", "after_ms", "gap_ms")}
    assert times == {"duration_ms": 100, "callee_ms": 60, "before_ms": 10, "after_ms": 30, "gap_ms": 40}
    assert (call["caller"], call["callee"], call["kind"], call["operation"]) == (
        "shop",
        "payments",
        "service",
        "b",
    )


@pytest.mark.parametrize(
    ("words", "callee", "kind"),
    [
        ("peer=postgresql db.system.name=postgresql", "postgresql", "database"),
        ("peer=kafka messaging.system=kafka", "kafka", "messaging"),
        ("peer=api.example", "api.example", "external"),
        ("name=lookup", "lookup", "external"),
    ],
    ids=["a database", "a queue", "a third party", "what has no name but the span's"],
)
def test_a_call_that_no_span_answers_is_named_by_what_its_span_has(
    words, callee, kind, draw: Callable
) -> None:
    (call,) = calls(draw(f"a service=shop : =====\nb <a service=shop kind=client {words} : ===")).to_dicts()
    assert (call["callee"], call["kind"], call["callee_span_id"], call["gap_ms"]) == (
        callee,
        kind,
        None,
        None,
    )


def test_a_service_that_did_not_answer_this_time_is_known_from_its_other_answers(draw: Callable) -> None:
    found = calls(
        draw("""
        a    kind=client service=shop peer=10.0.0.7 : =====
        b <a kind=server service=payments           :  ===
        c    kind=client service=shop peer=10.0.0.7 status=error : =======
        """)
    )
    assert found["callee"].to_list() == ["payments", "payments"]
    assert found["kind"].to_list() == ["service", "service"]


def test_without_a_peer_the_name_of_the_span_tells_who_did_not_answer(draw: Callable) -> None:
    found = calls(
        draw("""
        a    kind=client service=shop name=pay : =====
        b <a kind=server service=payments      :  ===
        c    kind=client service=shop name=pay status=error : =======
        d    kind=client service=shop name=ask : ===
        """)
    )
    assert found["callee"].to_list() == ["payments", "payments", "ask"]


def test_of_nested_client_spans_the_outermost_is_the_call(draw: Callable) -> None:
    found = calls(draw("a kind=client peer=dynamodb : ====\nb <a kind=client peer=10.0.0.1 : =="))
    assert found["callee"].to_list() == ["dynamodb"]


def test_a_proxys_call_below_its_clients_is_a_call_of_its_own(draw: Callable) -> None:
    found = calls(
        draw("""
        a    kind=client service=shop       peer=pay : ======
        b <a kind=client service=shop-proxy peer=pay :  ====
        """)
    )
    assert found.select("caller", "callee").rows() == [("shop", "shop-proxy"), ("shop-proxy", "pay")]


def test_nobody_waits_for_a_message(draw: Callable) -> None:
    (call,) = calls(
        draw("a kind=producer service=shop : ==\nb <a kind=consumer service=mailer :      ====")
    ).to_dicts()
    assert (call["callee"], call["callee_ms"], call["gap_ms"]) == ("mailer", 40, None)


def test_a_retry_is_the_same_call_again_after_a_failure(draw: Callable) -> None:
    found = calls(
        draw("""
        a    service=shop : ===============
        b <a service=shop kind=client name=pay peer=bank status=error : ==
        c <a service=shop kind=client name=pay peer=bank status=error :    ==
        d <a service=shop kind=client name=pay peer=bank :       ==
        e <a service=shop kind=client name=pay peer=bank :          ==
        """)
    )
    assert found["retry"].to_list() == [False, True, True, False]


def test_without_kinds_the_change_of_service_is_the_call(draw: Callable) -> None:
    (call,) = calls(draw("a service=shop : =====\nb <a service=cart : ===")).to_dicts()
    assert (call["caller"], call["callee"], call["gap_ms"]) == ("shop", "cart", 20)
