"""What traces there are, how whole, and for which requests they stand."""

from collections.abc import Callable

import polars as pl
import pytest

from incident_kit.measure.spans.trace_health import trace_health
from incident_kit.schema import REQUESTS, conform


def test_what_is_missing_and_what_came_twice_is_counted(draw: Callable) -> None:
    health = trace_health(
        draw("""
        a trace=t       : ====
        b <a trace=t    :  ==
        b <a trace=t    :  ==
        c <lost trace=u : ==
        d <c trace=u    : =
        """)
    )
    counts = (health.spans, health.traces, health.incomplete_traces, health.orphans, health.duplicates)
    assert counts == (4, 2, 1, 1, 1)
    assert (health.joined, health.sampling) == (None, None)
    assert health.skewed.is_empty()


def sampled(draw: Callable, kept: Callable[[int], bool], requests: int = 400):
    """A log in which every fourth request fails, and the traces of those requests that are kept."""
    log = conform(
        pl.DataFrame(
            {
                "trace_id": [f"{n:032x}" for n in range(requests)],
                "route": ["/cart" if n % 2 else "/" for n in range(requests)],
                "status": [500 if n % 4 == 0 else 200 for n in range(requests)],
                "duration_ms": [float(n % 4) for n in range(requests)],
            }
        ),
        REQUESTS,
    )
    one = draw("a : =")
    spans = pl.concat([one.with_columns(trace_id=pl.lit(f"{n:032x}")) for n in range(requests) if kept(n)])
    return trace_health(spans, log)


@pytest.mark.parametrize(
    ("kept", "sampling", "joined"),
    [
        (lambda n: True, "whole", 1.0),
        (lambda n: n % 5 == 0, "head", 0.2),
        (lambda n: n % 5 != 0, "head", 0.8),
        (lambda n: n % 4 == 0 or n % 10 == 1, "tail", 0.35),
    ],
    ids=["all of them", "every fifth by chance", "all but every fifth", "all that failed and a tenth"],
)
def test_how_the_traces_were_sampled(kept, sampling, joined, draw: Callable) -> None:
    health = sampled(draw, kept)
    assert (health.sampling, health.joined) == (sampling, joined)
    assert health.coverage["route"].to_list() == ["/", "/cart"]
    assert (
        health.coverage.select((pl.col("low") <= pl.col("share")) & (pl.col("share") <= pl.col("high")))
        .to_series()
        .all()
    )
