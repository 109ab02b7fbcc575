"""The load is open-loop: arrivals follow the clock and the dice, never the answers."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from fault_lab.load import WAVES, arrival_times, rate_at, send_open_loop

# A busy machine wakes a sleeper late; a closed loop would be late by whole answers.
LATE_S = 0.25
ARRIVALS = [n * 0.01 for n in range(60)]


async def answered_at_once() -> None:
    pass


async def answered_late() -> None:
    await asyncio.sleep(2 * LATE_S)


@pytest.mark.parametrize("send", [answered_at_once, answered_late])
def test_requests_are_sent_on_time_however_slow_the_answers_are(send) -> None:
    sent = asyncio.run(send_open_loop(ARRIVALS, send))
    assert np.subtract(sent, ARRIVALS).max() < LATE_S


def test_every_request_is_awaited_before_the_load_ends() -> None:
    answered = []

    async def send() -> None:
        await answered_late()
        answered.append(True)

    asyncio.run(send_open_loop([0.0, 0.01], send))
    assert len(answered) == 2


def test_the_same_seed_gives_the_same_arrivals() -> None:
    assert arrival_times(40, 60, seed=3) == arrival_times(40, 60, seed=3)
    assert arrival_times(40, 60, seed=3) != arrival_times(40, 60, seed=4)


def test_arrivals_are_sorted_and_end_with_the_run() -> None:
    arrivals = arrival_times(40, 60, seed=1)
    assert arrivals == sorted(arrivals)
    assert arrivals[0] > 0
    assert arrivals[-1] < 60


@pytest.mark.parametrize("seed", range(5))
def test_arrivals_have_the_mean_rate_within_five_standard_deviations(seed) -> None:
    seconds, mean_rate = 2_000, 20
    expected = sum(rate_at(second, mean_rate) for second in range(seconds))
    assert len(arrival_times(mean_rate, seconds, seed)) == pytest.approx(expected, abs=5 * expected**0.5)


def test_gaps_between_arrivals_are_as_irregular_as_a_poisson_process() -> None:
    gaps = np.diff(arrival_times(40, 2_000, seed=1))
    assert np.std(gaps) / np.mean(gaps) == pytest.approx(1.0, abs=0.1)


def test_the_rate_waves_but_never_stops() -> None:
    rates = [rate_at(second, 40) for second in range(900)]
    assert min(rates) > 0
    assert max(rates) - min(rates) > 40 * WAVES[0][1]
