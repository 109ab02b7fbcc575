"""The registry of scenarios is complete, and its answers are of this lab's names."""

from __future__ import annotations

import pytest

from fault_lab.scenarios.registry import SCENARIOS
from fault_lab.services.registry import CALLS, DATABASE, SERVICES
from fault_lab.traffic import MIX

EXPECTED = {
    "bad-release",
    "healthy",
    "outage",
    "pool-exhausted",
    "retry-storm",
    "silent-service",
    "slow-database",
    "slow-egress",
    "slow-ingress",
    "traffic-shift",
}


def test_every_scenario_is_found() -> None:
    assert set(SCENARIOS) == EXPECTED


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_answers_are_names_that_the_lab_has(scenario) -> None:
    assert scenario.kind in {"latency", "errors", "traffic", "outage", "none"}
    assert scenario.endpoint is None or " ".join(scenario.endpoint) in MIX
    assert scenario.dependency in {None, DATABASE, *SERVICES}
    assert all(callee in CALLS[caller] for caller, callee in scenario.wires)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_faults_end_well_before_the_log_does(scenario) -> None:
    assert 0 < scenario.lasts <= 0.5


def test_services_start_after_those_they_call() -> None:
    order = list(SERVICES)
    for caller, callees in CALLS.items():
        assert all(order.index(callee) < order.index(caller) for callee in callees if callee in order)
