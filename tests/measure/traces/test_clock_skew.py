"""Host clocks that disagree: proven by calls that cannot be, corrected, and reported."""

from collections.abc import Callable

import polars as pl
import pytest

from incident_kit.measure.spans.clock_skew import clock_skew, correct_clocks
from incident_kit.measure.spans.span_time import span_time


def calls_between(draw: Callable, shift_ms: int, times: int = 6) -> pl.DataFrame:
    """Calls of 100 ms with 60 ms of service in their middle, on a host whose clock is ahead by `shift_ms`."""
    drawing = "\n".join(
        f"a{n} trace=t{n} kind=client service=x host.name=h1       : ==========\n"
        f"b{n} <a{n} trace=t{n} kind=server service=y host.name=h2 :   ======\n"
        f"c{n} <b{n} trace=t{n} kind=internal service=y host.name=h2 :    =="
        for n in range(times)
    )
    shift = (
        pl.when(pl.col("service") == "y").then(pl.duration(milliseconds=shift_ms)).otherwise(pl.duration())
    )
    return draw(drawing).with_columns(pl.col("start") + shift)


@pytest.mark.parametrize("shift_ms", [-300, -25, 0, 25, 300])
def test_the_skew_of_a_pair_of_hosts_is_found_and_taken_back(shift_ms: int, draw: Callable) -> None:
    spans = calls_between(draw, shift_ms)
    (pair,) = clock_skew(spans).to_dicts()
    assert (pair["caller"], pair["callee"], pair["calls"]) == ("h1", "h2", 6)
    assert pair["skew_ms"] == shift_ms
    assert correct_clocks(spans).equals(correct_clocks(calls_between(draw, 0)))


def test_times_are_measured_on_corrected_clocks_and_recorded_ones_on_request(draw: Callable) -> None:
    spans = calls_between(draw, 300)
    on_path = span_time(spans).group_by("service").agg(pl.col("critical_ms").sum()).sort("service")
    assert on_path.rows() == [("x", 240), ("y", 360)]
    as_recorded = span_time(spans, correct_clocks=False).filter(service="y")
    assert as_recorded["critical_ms"].sum() == 0


def test_one_call_that_outlasts_its_client_is_a_client_that_gave_up(draw: Callable) -> None:
    (pair,) = clock_skew(calls_between(draw, 60, times=1)).to_dicts()
    assert (pair["misfits"], pair["skew_ms"]) == (1, 0)


def test_one_call_that_is_answered_before_it_was_made_proves_a_clock_wrong(draw: Callable) -> None:
    (pair,) = clock_skew(calls_between(draw, -60, times=1)).to_dicts()
    assert pair["skew_ms"] == -60


def test_spans_that_do_not_say_they_are_client_and_server_have_to_say_it_often(draw: Callable) -> None:
    spans = calls_between(draw, -60, times=1).with_columns(kind=pl.lit(None, pl.String))
    assert clock_skew(spans)["skew_ms"].to_list() == [0]
    often = calls_between(draw, -60, times=5).with_columns(kind=pl.lit(None, pl.String))
    assert clock_skew(often)["skew_ms"].to_list() == [-60]


def test_a_few_calls_that_do_not_fit_among_many_that_do_prove_nothing(draw: Callable) -> None:
    few, many = calls_between(draw, -60, times=6), calls_between(draw, 15, times=20)
    renamed = many.with_columns(pl.concat_str(pl.lit("m"), "trace_id").alias("trace_id"))
    (pair,) = clock_skew(pl.concat([few, renamed])).to_dicts()
    assert (pair["calls"], pair["misfits"], pair["skew_ms"]) == (26, 6, 0)


def test_a_server_that_works_longer_than_its_client_waits_proves_nothing(draw: Callable) -> None:
    drawing = "\n".join(
        f"a{n} trace=t{n} kind=client service=x : ====\n"
        f"b{n} <a{n} trace=t{n} kind=server service=y :  ======="
        for n in range(9)
    )
    assert clock_skew(draw(drawing))["skew_ms"].to_list() == [0]


def test_hosts_further_down_are_corrected_along_the_calls_that_lead_to_them(draw: Callable) -> None:
    drawing = "\n".join(
        f"a{n} trace=t{n} kind=client service=x : ==========\n"
        f"b{n} <a{n} trace=t{n} kind=server service=y :  ========\n"
        f"c{n} <b{n} trace=t{n} kind=client service=y :   ======\n"
        f"d{n} <c{n} trace=t{n} kind=server service=z :    ===="
        for n in range(6)
    )
    true = draw(drawing)
    ahead = pl.col("service").replace_strict({"x": 0, "y": 500, "z": -200})
    skewed = true.with_columns(pl.col("start") + pl.duration(milliseconds=ahead))
    assert span_time(skewed)["critical_ms"].equals(span_time(true)["critical_ms"])
