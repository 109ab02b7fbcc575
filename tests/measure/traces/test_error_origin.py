"""Where failed traces began to fail, and the errors that somebody dealt with."""

from collections.abc import Callable

from incident_kit.measure.calls.error_origin import error_origins, swallowed_errors


def test_the_origin_is_the_deepest_failing_span_on_the_failing_path(draw: Callable) -> None:
    (found,) = error_origins(
        draw("""
        a    service=shop status=error : ==========
        b <a service=cart              :  ==
        c <a service=pay status=error  :     ====
        d <c service=bank status=error :      ==
        """)
    ).to_dicts()
    assert (found["service"], found["name"], found["depth"], found["root_service"]) == (
        "bank",
        "d",
        2,
        "shop",
    )


def test_of_failed_tries_the_last_decided(draw: Callable) -> None:
    (found,) = error_origins(
        draw("""
        a    status=error : ==========
        b <a status=error :  ==
        c <a status=error :     ====
        """)
    ).to_dicts()
    assert found["name"] == "c"


def test_a_callee_that_never_answered_is_named(draw: Callable) -> None:
    (found,) = error_origins(
        draw("""
        a    service=shop status=error : ==========
        b <a service=shop kind=client peer=bank status=error : ========
        """)
    ).to_dicts()
    assert (found["callee"], found["callee_answered"]) == ("bank", False)


def test_an_http_status_of_500_is_a_failure_where_the_span_says_nothing(draw: Callable) -> None:
    assert error_origins(draw("a http_status=500 : ===")).height == 1
    assert error_origins(draw("a http_status=404 : ===")).is_empty()


def test_to_refuse_a_wrong_request_is_no_failure_but_to_refuse_a_right_one_is(draw: Callable) -> None:
    assert error_origins(draw("a status=error http_status=404 : ===")).is_empty()
    assert error_origins(draw("a status=error http_status=429 : ===")).height == 1


def test_who_was_not_waited_for_failed_nobody(draw: Callable) -> None:
    (found,) = error_origins(
        draw("""
        a    service=shop status=error : ====
        b <a service=mail kind=consumer status=error :   =====
        """)
    ).to_dicts()
    assert (found["name"], found["depth"]) == ("a", 0)


def test_an_error_that_went_no_further_was_swallowed(draw: Callable) -> None:
    spans = draw("""
    a    service=shop : ==========
    b <a service=shop kind=client status=error :  ====
    c <b service=recommendations status=error  :   ==
    """)
    assert error_origins(spans).is_empty()
    assert swallowed_errors(spans).rows() == [("shop", "b", "shop", 1, 1)]


def test_a_grpc_status_tells_a_failure_from_a_refusal(draw: Callable) -> None:
    assert error_origins(draw("a rpc.grpc.status_code=13 : ===")).height == 1
    assert error_origins(draw("a rpc.response.status_code=UNAVAILABLE : ===")).height == 1
    assert error_origins(draw("a rpc.grpc.status_code=5 status=error : ===")).is_empty()
