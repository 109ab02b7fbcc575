"""A parameter that does not exist, or cannot mean anything, stops the notebook, whichever way it came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from incident_kit.errors import ParameterError
from incident_kit.reports.notebooks.parameter_check import check_parameters, validate
from incident_kit.slo import Targets

CELL = "access_log: list = []  # paths\nlatency_ms: float = 200.0\n"
CHECK = "from incident_kit.reports.notebooks.parameter_check import check_parameters\n"
CHECK += "asked = check_parameters('latency_regression', globals())"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    made = InteractiveShell()
    made.history_manager.enabled = False
    yield made
    made.history_manager.end_session()


def run(shell: InteractiveShell, *cells: str) -> Any:
    """Run cells as a kernel does and return what the last one raised, if it did."""
    results = [shell.run_cell(cell, store_history=True) for cell in cells]
    return results[-1].error_in_exec


def test_defaults_pass_and_mean_the_sample(shell: InteractiveShell) -> None:
    assert run(shell, CELL, CHECK) is None
    assert shell.user_ns["asked"].is_sample


def test_what_papermill_injects_is_checked(shell: InteractiveShell) -> None:
    injected = '# Parameters\naccess_logg = "/var/log/access.log"\n'
    error = run(shell, CELL, injected, CHECK)
    assert isinstance(error, ParameterError)
    assert str(error) == "latency_regression has no parameter access_logg; did you mean access_log?"


def test_what_a_hand_misspells_is_checked(shell: InteractiveShell) -> None:
    assert isinstance(run(shell, CELL.replace("latency_ms", "latency"), CHECK), ParameterError)


def test_running_the_check_again_does_not_forgive(shell: InteractiveShell) -> None:
    assert isinstance(run(shell, "incidnet = None", CHECK, CHECK, CHECK), ParameterError)


def test_mending_the_cell_and_running_both_again_is_enough(shell: InteractiveShell) -> None:
    assert isinstance(run(shell, "import math", "latency_mss = 300", CHECK), ParameterError)
    assert run(shell, "latency_ms = 300", CHECK) is None
    assert shell.user_ns["asked"].latency_ms == 300


def test_the_names_of_a_notebook_that_ran_before_do_not_count(shell: InteractiveShell) -> None:
    assert run(shell, CELL, CHECK, "found = 1\nprint(found)", CELL, CHECK) is None


def test_without_ipython_every_plain_name_counts() -> None:
    namespace = {"__name__": "script", "access_log": None, "latencyms": 3, "json": pytest}
    with pytest.raises(ParameterError, match="did you mean latency_ms"):
        check_parameters("latency_regression", namespace)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("latency_ms", "fast", "it is no number"),
        ("latency_ms", 0, "it must be more than 0"),
        ("error_rate", 5, "it must be less than 1; 0.1 % is written 0.001"),
        ("display_tz", "", "an empty text is no time zone"),
        ("incident", 5, "a window is written as START/END"),
        ("access_log", {"a": 1}, "a list is wanted"),
        ("routes", [7], "text is wanted; give it in quotes"),
        ("events", ["deployed payments"], "'deployed' is no ISO 8601 time; write it like"),
        ("display_tz", "Vienna", "write it like UTC or Europe/Vienna"),
        ("incident", "yesterday", "START/END"),
        ("incident", "2026-01-31T11:00/2026-01-31T10:00", "ends before it begins"),
        ("log_format", 1.1, "papermill's -r"),
        ("mask", "perhaps", "it is neither True nor False"),
        ("traces", 12, "papermill's -r"),
    ],
)
def test_a_value_that_cannot_be_one_says_why(name: str, value: object, sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence) as caught:
        validate("latency_regression", {name: value})
    assert name in str(caught.value)


def test_text_from_papermills_raw_option_becomes_what_it_means() -> None:
    asked = validate("error_spike", {"latency_ms": "300", "mask": "false", "access_log": "a.log"})
    assert asked.targets == Targets(latency_ms=300)
    assert asked.logs == ("a.log",)
    assert asked.trace_files == ()
    assert not asked.mask


def test_every_wrong_name_is_said_at_once() -> None:
    with pytest.raises(ParameterError, match=r"access_logg.*latency_mss"):
        validate("latency_regression", {"access_logg": "x", "latency_mss": 1})


def test_an_unknown_notebook_is_said() -> None:
    with pytest.raises(ParameterError, match="did you mean error_spike"):
        validate("error_spikes", {})


def test_what_a_cell_writes_for_nothing_is_nothing() -> None:
    empty = {"access_log": [], "routes": "", "log_format": "", "incident": "", "baseline": "", "events": []}
    assert validate("error_spike", empty) == validate("error_spike", {})


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("incident", "2026-07-01T12:00/2026-07-01T13:00", "2026-07-01T10:00:00Z/2026-07-01T11:00:00Z"),
        ("baseline", "2026-01-01T12:00/2026-01-01T13:00", "2026-01-01T11:00:00Z/2026-01-01T12:00:00Z"),
        ("incident", "2026-07-01T12:00Z/2026-07-01T15:00+02:00", "2026-07-01T12:00:00Z/2026-07-01T13:00:00Z"),
        ("events", ["2026-07-01 12:00 deploy v2"], "('2026-07-01T10:00:00Z deploy v2',)"),
        ("events", ["2026-07-01 12:00Z deploy v2"], "('2026-07-01T12:00:00Z deploy v2',)"),
        ("release", "2026-07-01 12:00", "2026-07-01 10:00:00+00:00"),
    ],
)
def test_a_time_copied_from_a_page_is_one_of_the_zone_that_the_page_shows(
    name: str, written: object, meant: str
) -> None:
    asked = validate("compare_releases", {"display_tz": "Europe/Vienna", name: written})
    assert str(getattr(asked, name)) == meant


def test_a_release_that_is_no_time_says_why() -> None:
    with pytest.raises(ParameterError, match="'v42' is no ISO 8601 time"):
        validate("compare_releases", {"release": "v42"})
