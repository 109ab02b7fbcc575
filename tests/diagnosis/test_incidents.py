"""Where incidents begin and end, of what kind they are, and where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import polars as pl
import pytest

from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.diagnosis.endpoints import endpoint_shares
from incident_kit.errors import ParameterError
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import REQUESTS, conform, empty
from incident_kit.slo import Targets
from incident_kit.window import Window

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
MIX = {"/a": 0.5, "/b": 0.3, "/c": 0.14, "/slow": 0.045, "/rare": 0.015}


@dataclass(frozen=True)
class Fault:
    """From one second to another, a route is slow or fails with a probability, grows slow, or is shut out.

    A ramp is a share of slow requests that grows from nothing, a drift a time that grows to a multiple, a
    stretch a time that is a multiple at once; in a pause a route's requests are missing.
    """

    kind: str
    start: float
    end: float
    route: str = "/b"
    share: float = 0.5


def simulate(
    seconds: int,
    per_second: float,
    faults: Sequence[Fault] = (),
    seed: int = 1,
    method: str | None = "GET",
) -> Rollup:
    """Return a log of open-loop traffic; `/slow` always is slow, elsewhere 1 % are, and 0.02 % fail."""
    draw = np.random.default_rng(seed)
    size = draw.poisson(per_second * seconds)
    at, route = np.sort(draw.uniform(0, seconds, size)), draw.choice(list(MIX), size, p=list(MIX.values()))
    slow, fail, keep = np.where(route == "/slow", 0.9, 0.01), np.full(size, 0.0002), np.ones(size, dtype=bool)
    times = np.ones(size)
    for fault in faults:
        when = (at >= fault.start) & (at < fault.end)
        here = when & (route == fault.route)
        if fault.kind == "slow":
            slow[here] = fault.share
        if fault.kind == "ramp":
            slow[here] = fault.share * (at[here] - fault.start) / (fault.end - fault.start)
        if fault.kind == "drift":
            times[here] = 1 + (fault.share - 1) * (at[here] - fault.start) / (fault.end - fault.start)
        if fault.kind == "stretch":
            times[here] = fault.share
        if fault.kind == "pause":
            keep[here] = False
        if fault.kind == "errors":
            fail[here] = fault.share
        if fault.kind == "shift":
            moved = when & (draw.uniform(size=size) < fault.share)
            route[moved], slow[moved] = fault.route, 0.9
        if fault.kind == "silence":
            keep[when] = draw.uniform(size=int(when.sum())) > fault.share
    duration = np.where(draw.uniform(size=size) < slow, 450.0, 40.0) * draw.lognormal(0, 0.25, size) * times
    status = np.where(draw.uniform(size=size) < fail, 503, 200)
    frame = pl.DataFrame({"seconds": at, "route": route, "duration_ms": duration, "status": status})
    began = pl.lit(START) + pl.duration(microseconds=(pl.col("seconds") * 1e6).cast(pl.Int64))
    requests = frame.filter(pl.Series(keep)).with_columns(start_time=began, method=pl.lit(method))
    return rollup_requests(conform(requests, REQUESTS))


def second(instant: datetime | None) -> float | None:
    return None if instant is None else (instant - START).total_seconds()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("slow", 300, 660), "latency"),
        (Fault("slow", 300, 660, "/c", 0.4), "latency"),
        (Fault("errors", 300, 660, "/b", 0.05), "errors"),
        (Fault("errors", 300, 660, "/slow", 0.2), "errors"),
        (Fault("slow", 400, 430, "/a", 0.9), "latency"),
        (Fault("shift", 300, 660, "/slow", 0.3), "traffic"),
        (Fault("silence", 400, 580, share=1.0), "outage"),
        (Fault("silence", 400, 580, share=0.97), "outage"),
        (Fault("silence", 400, 440, share=0.7), "outage"),
        (Fault("silence", 400, 580, share=0.5), "outage"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind}-{value.route}-{value.share}",
)
def test_kind_onset_and_end_are_found(fault: Fault, kind: str) -> None:
    (incident,) = find_incidents(simulate(900, 50, [fault]), Targets())
    assert incident.kind == kind
    assert second(incident.start) == pytest.approx(fault.start, abs=15)
    assert second(incident.end) == pytest.approx(fault.end, abs=15)
    assert incident.baseline.end <= incident.start
    assert incident.excess > 0
    assert not incident.provisional


@pytest.mark.parametrize(
    "fault", [Fault("slow", 300, 660), Fault("errors", 300, 660), Fault("shift", 300, 660, "/slow")]
)
def test_the_endpoint_it_came_from_is_first(fault: Fault) -> None:
    rollup = simulate(900, 50, [fault])
    table = endpoint_shares(rollup, find_incidents(rollup, Targets())[0])
    assert table["route"][0] == fault.route
    assert table["share"].sum() == pytest.approx(1, abs=1e-6)


def test_requests_that_never_arrived_are_attributed_too() -> None:
    rollup = simulate(900, 50, [Fault("silence", 400, 580, share=1.0)])
    (incident,) = find_incidents(rollup, Targets())
    table = endpoint_shares(rollup, incident)
    shares = dict(zip(table["route"], table["share"], strict=True))
    assert incident.excess == pytest.approx(180 * 50, rel=0.05)
    assert {route: pytest.approx(shares[route], abs=0.02) for route in MIX} == MIX


@pytest.mark.parametrize("method", ["GET", None])
@pytest.mark.parametrize("kind", ["slow", "errors"])
def test_an_endpoint_that_broke_is_found_however_small_its_traffic(kind: str, method: str | None) -> None:
    fault = Fault(kind, 300, 660, "/rare", 0.9 if kind == "slow" else 0.6)
    rollup = simulate(900, 60, [fault], method=method)
    (incident,) = find_incidents(rollup, Targets())
    assert incident.kind == {"slow": "latency", "errors": "errors"}[kind]
    assert second(incident.start) == pytest.approx(300, abs=15)
    assert endpoint_shares(rollup, incident)["route"][0] == "/rare"


def test_an_endpoint_that_broke_for_minutes_is_found_in_a_log_of_days_with_restarts() -> None:
    restarts = [
        Fault("errors", at, at + 8, route, 1.0) for at in range(36_000, 864_000, 86_400) for route in MIX
    ]
    rollup = simulate(10 * 86_400, 1, [*restarts, Fault("errors", 300_000, 300_600, "/slow", 0.5)])
    (incident,) = find_incidents(rollup, Targets())
    assert second(incident.start) == pytest.approx(300_000, abs=120)
    assert endpoint_shares(rollup, incident)["route"][0] == "/slow"


@pytest.mark.parametrize(
    ("bucket_s", "incidents"), [(1, 1), (7, 1), (600, 1), (3_600, 1), (14_400, 1), (86_400, 0)]
)
def test_buckets_of_any_width_are_searched_but_one_bucket_is_no_incident(
    bucket_s: int, incidents: int
) -> None:
    at = pl.datetime_range(START, START + timedelta(days=6), "20s", eager=True)
    is_bad = pl.col("start_time").is_between(START + timedelta(days=3), START + timedelta(days=3, hours=6))
    frame = pl.DataFrame({"start_time": at}).with_columns(
        method=pl.lit("GET"),
        route=pl.lit("/a"),
        status=pl.when(is_bad).then(503).otherwise(200),
        duration_ms=pl.lit(9.0),
    )
    rollup = rollup_requests(conform(frame, REQUESTS), bucket_s=bucket_s)
    found = diagnose(rollup).incidents
    assert [second(start) for start in found["start"]] == pytest.approx(
        [3 * 86_400] * incidents, abs=bucket_s
    )


DAY = 86_400


def nightly(days: int, *, lasts: float = 600, share: float = 0.7) -> list[Fault]:
    """Return a job that makes requests slow some minutes after 10:00 of every day."""
    begins = [day * DAY + 7_200 + (97 * day) % 600 for day in range(days)]
    return [Fault("slow", begin, begin + lasts, "/a", share) for begin in begins]


@pytest.mark.parametrize("seed", range(4))
def test_a_job_that_comes_every_day_is_no_incident(seed: int) -> None:
    assert find_incidents(simulate(6 * DAY, 0.5, nightly(6), seed=seed), Targets()) == []


def test_a_day_on_which_the_daily_job_took_hours_is_an_incident() -> None:
    faults = [*nightly(6), Fault("slow", 3 * DAY + 7_200, 3 * DAY + 18_000, "/a", 0.7)]
    (incident,) = find_incidents(simulate(6 * DAY, 0.5, faults), Targets())
    assert second(incident.start) == pytest.approx(3 * DAY + 7_200, abs=900)


def test_an_incident_at_the_hour_of_another_one_is_not_called_daily() -> None:
    faults = [Fault("slow", day * DAY + 7_200, day * DAY + 8_400, "/b", 0.6) for day in (0, 2)]
    found = find_incidents(simulate(3 * DAY, 0.5, faults), Targets())
    assert [second(one.start) for one in found] == pytest.approx([7_200, 2 * DAY + 7_200], abs=120)


def test_a_rise_over_days_is_an_incident_once_it_matters_and_is_compared_with_earlier_days() -> None:
    drift = Fault("drift", 3 * DAY, 8 * DAY, "/a", 8.0)
    (incident,) = find_incidents(simulate(8 * DAY, 0.5, [drift]), Targets())
    assert incident.kind == "latency"
    assert incident.end is None
    assert 4 * DAY < second(incident.start) < 7 * DAY
    assert incident.baseline.seconds == pytest.approx(8 * DAY - second(incident.start), abs=3_600)


@pytest.mark.parametrize("seed", range(4))
def test_healthy_traffic_has_no_incident(seed: int) -> None:
    assert find_incidents(simulate(900, 50, seed=seed), Targets()) == []
    assert find_incidents(simulate(7200, 1 / 6, seed=seed), Targets()) == []


def test_several_incidents_stay_apart() -> None:
    faults = [Fault("errors", 600, 900), Fault("errors", 1500, 1800), Fault("slow", 2400, 2700)]
    found = find_incidents(simulate(3600, 40, faults), Targets())
    assert [one.kind for one in found] == ["errors", "errors", "latency"]
    assert [second(one.start) for one in found] == pytest.approx([600, 1500, 2400], abs=10)


@pytest.mark.parametrize("seed", [26, 37])
def test_stretches_between_which_the_usual_level_was_not_back_are_one_incident(seed: int) -> None:
    rollup = simulate(9600, 1.5, [Fault("ramp", 3600, 9000, "/a", 0.5)], seed=seed)
    (incident,) = find_incidents(rollup, Targets())
    assert second(incident.end) == pytest.approx(9000, abs=60)


def test_a_short_incident_of_another_kind_within_a_long_one_leaves_it_its_kind() -> None:
    faults = [Fault("slow", 1000, 2200), Fault("errors", 1500, 1560, "/a", 0.3)]
    found = find_incidents(simulate(3600, 30, faults), Targets())
    assert [one.kind for one in found] == ["latency", "errors"]
    assert [second(one.start) for one in found] == pytest.approx([1000, 1500], abs=10)


def test_errors_of_one_endpoint_and_slowness_of_another_are_two_incidents_that_overlap() -> None:
    faults = [Fault("errors", 1000, 1600, "/a", 0.5), Fault("slow", 1300, 2200, "/c", 0.8)]
    found = find_incidents(simulate(3600, 20, faults), Targets())
    assert [one.kind for one in found] == ["errors", "latency"]
    assert [second(one.start) for one in found] == pytest.approx([1000, 1300], abs=10)
    assert [second(one.end) for one in found] == pytest.approx([1600, 2200], abs=10)


@pytest.mark.parametrize("slow", [["/b"], list(MIX)], ids=["slow there alone", "slow everywhere"])
def test_an_endpoint_that_fails_and_is_slow_has_one_incident(slow: list[str]) -> None:
    faults = [Fault("errors", 1000, 1600, "/b"), *(Fault("slow", 1100, 1800, route, 0.6) for route in slow)]
    (incident,) = find_incidents(simulate(3600, 20, faults), Targets())
    assert (second(incident.start), second(incident.end)) == pytest.approx((1000, 1800), abs=10)


def test_errors_that_end_in_an_outage_are_not_told_as_a_longer_outage() -> None:
    faults = [Fault("errors", 900, 1200, "/a", 0.8), Fault("silence", 1200, 1320, share=1.0)]
    found = find_incidents(simulate(2400, 20, faults), Targets())
    assert [one.kind for one in found] == ["errors", "outage"]
    assert [second(one.start) for one in found] == pytest.approx([900, 1200], abs=10)
    assert [second(one.end) for one in found] == pytest.approx([1200, 1320], abs=10)


def test_a_few_errors_beside_an_outage_are_part_of_it() -> None:
    faults = [Fault("errors", 880, 900, "/a", 0.8), Fault("silence", 900, 1200, share=1.0)]
    (incident,) = find_incidents(simulate(2400, 20, faults), Targets())
    assert incident.kind == "outage"


def test_what_is_always_slow_is_no_incident_before_and_after_it_fails_at_once() -> None:
    when = ((0, 600, 0.5), (600, 900, 0.0), (900, 1500, 0.5))
    busy = [Fault("slow", start, end, route, share) for start, end, share in when for route in MIX]
    refused = [Fault("errors", 600, 900, route, 0.95) for route in MIX]
    (incident,) = find_incidents(simulate(1500, 20, [*busy, *refused]), Targets())
    assert (incident.kind, second(incident.start), second(incident.end)) == ("errors", 600, 900)


def test_a_pause_does_not_end_an_incident() -> None:
    faults = [Fault("errors", 300, 400), Fault("errors", 460, 560)]
    (incident,) = find_incidents(simulate(900, 50, faults), Targets())
    assert (second(incident.start), second(incident.end)) == pytest.approx((300, 560), abs=5)


def test_one_that_still_lasts_has_no_end() -> None:
    (incident,) = find_incidents(simulate(900, 50, [Fault("slow", 600, 900)]), Targets())
    assert incident.end is None
    assert incident.recovery_s == pytest.approx(300, abs=5)


def test_one_that_began_before_the_first_line_is_compared_with_what_follows() -> None:
    (incident,) = find_incidents(simulate(900, 50, [Fault("slow", 0, 400)]), Targets())
    assert incident.began_before
    assert second(incident.end) == pytest.approx(400, abs=5)
    assert incident.baseline.start >= incident.end


def test_one_whose_first_bad_request_comes_after_the_first_line_may_be_older_than_the_log() -> None:
    (incident,) = find_incidents(simulate(3600, 5, [Fault("errors", 0, 1200, "/rare", 0.9)]), Targets())
    assert second(incident.start) > 0
    assert incident.began_before


def test_one_that_healthy_traffic_goes_before_began_in_the_log() -> None:
    (incident,) = find_incidents(simulate(900, 50, [Fault("errors", 60, 300)]), Targets())
    assert not incident.began_before


@pytest.mark.parametrize("pause", [130, 600])
def test_the_next_incident_does_not_put_off_the_end_of_one(pause: int) -> None:
    faults = [Fault("errors", 900, 1500, "/c", 0.3), Fault("errors", 1500 + pause, 2100 + pause, "/a", 0.8)]
    found = find_incidents(simulate(3600, 10, faults), Targets())
    assert [second(one.end) for one in found] == pytest.approx([1500, 2100 + pause], abs=15)
    assert not any(one.began_before for one in found)


def test_traffic_that_came_back_ends_a_partial_outage_whatever_the_errors_do() -> None:
    faults = [Fault("silence", 1800, 2400, share=0.5), Fault("errors", 2000, 2004)]
    (incident,) = find_incidents(simulate(3600, 12, faults), Targets())
    assert (incident.kind, second(incident.end)) == ("outage", pytest.approx(2400, abs=15))


def test_an_end_within_the_last_stretch_is_provisional() -> None:
    (incident,) = find_incidents(simulate(900, 50, [Fault("slow", 600, 899.7)]), Targets())
    assert incident.end is None
    assert incident.provisional


def test_a_slow_ramp_of_slow_requests_is_found_at_its_foot() -> None:
    (incident,) = find_incidents(simulate(1800, 50, [Fault("ramp", 600, 1500, "/a", 0.9)]), Targets())
    assert second(incident.start) == pytest.approx(600, abs=60)
    assert second(incident.end) == pytest.approx(1500, abs=5)


@pytest.mark.parametrize(
    ("minutes", "seed", "method"), [*product([20, 40, 60], range(2), ["GET"]), (20, 0, None)]
)
def test_a_route_that_slowly_gets_slower_is_found_where_it_began_to(
    minutes: int, seed: int, method: str | None
) -> None:
    foot = 3600
    rollup = simulate(10_000, 8, [Fault("drift", foot, foot + 60 * minutes, share=9.0)], seed, method)
    (incident,) = find_incidents(rollup, Targets())
    assert incident.kind == "latency"
    # Above the target nothing can be seen for the first ten minutes and more.
    assert second(incident.start) == pytest.approx(foot, abs=240)
    assert incident.baseline.end <= incident.start
    assert endpoint_shares(rollup, incident)["route"][0] == "/b"


@pytest.mark.parametrize("seed", range(3))
def test_ten_requests_a_minute_are_enough_for_an_incident_that_lasts(seed: int) -> None:
    (incident,) = find_incidents(
        simulate(14_400, 1 / 6, [Fault("errors", 6000, 7200, "/a", 0.9)], seed), Targets()
    )
    assert second(incident.start) == pytest.approx(6000, abs=60)
    assert second(incident.end) == pytest.approx(7200, abs=60)


def test_a_gap_in_the_log_longer_than_what_came_before_is_no_outage() -> None:
    assert find_incidents(simulate(3600, 20, [Fault("silence", 600, 3000, share=1.0)]), Targets()) == []


def test_a_service_that_has_no_traffic_at_night_is_not_out_before_it_opens() -> None:
    closed = [Fault("silence", 0, 7200, share=0.998), Fault("silence", 21_600, 36_000, share=0.998)]
    assert find_incidents(simulate(36_000, 2, closed), Targets()) == []
    out = [*closed, Fault("silence", 14_000, 14_600, share=1.0)]
    (incident,) = find_incidents(simulate(36_000, 2, out), Targets())
    assert (incident.kind, second(incident.start)) == ("outage", pytest.approx(14_000, abs=20))


@pytest.mark.parametrize("times", [5, 10])
def test_a_crowd_that_comes_back_at_once_does_not_hide_the_outage_before_it(times: int) -> None:
    quiet = [Fault("silence", start, end, share=1 - 1 / times) for start, end in ((0, 900), (1200, 2400))]
    out = Fault("silence", 900, 1080, share=1.0)
    (incident,) = find_incidents(simulate(2400, 20.0 * times, [*quiet, out]), Targets())
    assert (incident.kind, second(incident.start)) == ("outage", pytest.approx(900, abs=5))
    assert second(incident.end) == pytest.approx(1080, abs=5)


def test_slow_answers_to_the_crowd_after_an_outage_are_an_incident_of_their_own() -> None:
    quiet = [Fault("silence", start, end, share=0.75) for start, end in ((0, 900), (1200, 2400))]
    slow = [Fault("slow", 1080, 1240, route, 0.9) for route in MIX]
    rollup = simulate(2400, 80, [*quiet, Fault("silence", 900, 1080, share=1.0), *slow])
    outage, latency = find_incidents(rollup, Targets())
    assert [outage.kind, latency.kind] == ["outage", "latency"]
    assert [second(one.end) for one in (outage, latency)] == pytest.approx([1080, 1240], abs=5)
    assert endpoint_shares(rollup, outage)["share"].sum() == pytest.approx(1, abs=1e-6)


def test_a_client_that_pauses_is_no_outage() -> None:
    assert find_incidents(simulate(900, 50, [Fault("pause", 400, 460, "/a")]), Targets()) == []


def test_a_fall_that_does_not_come_back_is_no_outage() -> None:
    assert find_incidents(simulate(900, 50, [Fault("silence", 500, 900, share=0.5)]), Targets()) == []


def test_traffic_that_falls_as_low_at_other_times_is_no_outage() -> None:
    quiet = [Fault("silence", 0, 500, share=0.6), Fault("silence", 800, 860, share=0.6)]
    assert (
        find_incidents(simulate(1400, 50, [*quiet, Fault("silence", 1200, 1400, share=0.6)]), Targets()) == []
    )


def test_clients_that_wait_for_slow_answers_are_not_cut_off() -> None:
    held_up = [
        Fault("silence", 400, 460, share=0.5),
        *(Fault("stretch", 400, 460, route, 1.8) for route in MIX),
    ]
    assert all(one.kind != "outage" for one in find_incidents(simulate(900, 50, held_up), Targets()))


@pytest.mark.parametrize("target_ms", [5000, 20], ids=["within the target", "that never was within it"])
def test_what_is_slow_and_the_target_does_not_show_is_counted_beyond_twice_the_usual_quantile(
    target_ms: int,
) -> None:
    rollup = simulate(900, 50, [Fault("stretch", 300, 660, "/a", 30.0)])
    (incident,) = find_incidents(rollup, Targets(latency_ms=target_ms))
    assert second(incident.start) == pytest.approx(300, abs=15)
    assert second(incident.end) == pytest.approx(660, abs=15)
    assert 100 < incident.slo.threshold_ms < 1500
    assert endpoint_shares(rollup, incident)["route"][0] == "/a"
    assert incident.bad > 0.4 * 360 * 50


def test_a_nightly_export_that_is_always_slow_is_moved_traffic_though_the_baseline_lacks_it() -> None:
    nights = [Fault("shift", start, start + 1200, "/export", 0.3) for start in (3600, 14_400)]
    found = find_incidents(simulate(18_000, 5, nights), Targets())
    assert [incident.kind for incident in found] == ["traffic", "traffic"]


def test_the_usual_quantile_is_learnt_of_a_quiet_service_too() -> None:
    rollup = simulate(3600, 0.8, [Fault("stretch", 1200, 2400, "/a", 30.0)])
    (incident,) = find_incidents(rollup, Targets(latency_ms=20))
    assert (second(incident.start), second(incident.end)) == pytest.approx((1200, 2400), abs=60)


def test_a_release_that_makes_everything_faster_within_the_target_ends_no_incident() -> None:
    slower = [Fault("stretch", 0, 500, route, 30.0) for route in MIX]
    assert find_incidents(simulate(900, 50, slower), Targets(latency_ms=60_000)) == []


def test_an_incident_spans_a_gap() -> None:
    faults = [Fault("errors", 900, 1500), Fault("silence", 1150, 1158, share=1.0)]
    (incident,) = find_incidents(simulate(2400, 30, faults), Targets())
    assert (second(incident.start), second(incident.end)) == pytest.approx((900, 1500), abs=10)


def test_a_log_without_durations_still_has_errors() -> None:
    rollup = simulate(900, 50, [Fault("errors", 300, 660)])
    blind = rollup.counts.with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in ("slow", "timed"))
    untimed = Rollup(rollup.meta, blind, *(getattr(rollup, name) for name in TABLES_AFTER_COUNTS))
    assert [one.kind for one in find_incidents(untimed, Targets())] == ["errors"]


TABLES_AFTER_COUNTS = ("latency", "upstreams", "attributes", "excluded", "exemplars")


def window(start: float, end: float) -> Window:
    return Window(START + timedelta(seconds=start), START + timedelta(seconds=end))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("slow", 300, 660, "/c", 0.06), "latency"),
        (Fault("errors", 300, 660, "/slow", 0.02), "errors"),
        (Fault("silence", 300, 660, share=1.0), "outage"),
    ],
)
def test_a_given_window_always_has_an_entry_of_the_kind_that_changed_most(fault: Fault, kind: str) -> None:
    rollup = simulate(900, 100, [fault])
    (incident,) = find_incidents(rollup, Targets(), incident=window(300, 660))
    assert incident.kind == kind
    assert (second(incident.start), second(incident.end)) == (300, 660)
    assert incident.baseline == Window(rollup.window.start.replace(microsecond=0), incident.start)


@pytest.mark.parametrize(
    ("faults", "worse"),
    [
        ([], False),
        ([Fault("errors", 300, 660, "/rare", 0.3)], True),
        ([Fault("slow", 300, 660, "/c", 0.06)], True),
        ([Fault("stretch", 300, 660, "/c", 2.0)], True),  # slower, if within the target
        ([Fault("stretch", 300, 660, "/c", 0.5)], False),
    ],
    ids=["healthy", "few errors", "a few slow", "slower within the target", "quicker"],
)
def test_a_given_window_has_an_entry_that_says_whether_requests_were_worse(
    faults: list[Fault], worse: bool
) -> None:
    (given,) = find_incidents(simulate(900, 50, faults), Targets(), incident=window(300, 660))
    assert given.worse is worse


@pytest.mark.parametrize(("end", "goes_on"), [(400, True), (660, False)])
def test_an_incident_may_go_on_beyond_the_end_that_was_given(end: int, goes_on: bool) -> None:
    rollup = simulate(900, 100, [Fault("errors", 300, 660, "/slow", 0.2)])
    (given,) = find_incidents(rollup, Targets(), incident=window(300, end))
    assert (second(given.end), given.goes_on) == (end, goes_on)


def test_a_given_baseline_may_lie_after_the_incident() -> None:
    rollup = simulate(900, 50, [Fault("slow", 0, 400)])
    after = window(500, 800)
    (found,) = find_incidents(rollup, Targets(), baseline=after)
    (given,) = find_incidents(rollup, Targets(), incident=window(0, 400), baseline=after)
    assert found.baseline == given.baseline == after
    assert found.kind == given.kind == "latency"


def test_a_baseline_without_requests_is_refused() -> None:
    with pytest.raises(ParameterError, match="no valid request"):
        find_incidents(simulate(900, 50), Targets(), baseline=window(5000, 6000))


def test_a_baseline_that_overlaps_the_incident_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"overlaps the incident .*; give one from before or after it"):
        find_incidents(simulate(900, 50), Targets(), incident=window(300, 400), baseline=window(100, 310))


@pytest.mark.parametrize("given", [window(5000, 6000), window(-900, -300)], ids=["after", "before"])
def test_an_incident_outside_the_log_is_refused(given: Window) -> None:
    with pytest.raises(ParameterError, match=r"The incident .* no valid request; the log covers"):
        find_incidents(simulate(900, 50), Targets(), incident=given)


@pytest.mark.parametrize("given", [None, window(0, 10)])
def test_an_empty_log_has_no_incident(given: Window | None) -> None:
    assert find_incidents(rollup_requests(empty(REQUESTS)), Targets(), incident=given) == []


@pytest.mark.slow
def test_a_long_incident_is_compared_with_the_same_hours_of_the_day_before() -> None:
    day = 86_400
    fault = Fault("slow", day + 36_000, day + 43_200, "/a", 0.5)
    (incident,) = find_incidents(simulate(2 * day, 2, [fault]), Targets())
    assert incident.baseline.end < incident.start - timedelta(hours=20)
    assert second(incident.start) == pytest.approx(day + 36_000, abs=90)
