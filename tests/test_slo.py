"""Objectives and targets that mean something are taken from code and files; others are refused."""

from pathlib import Path
from typing import Any

import pytest

from incident_kit.errors import ParameterError
from incident_kit.slo import Slo, Targets, load_targets


def test_the_defaults_are_the_targets_of_the_design() -> None:
    assert Targets().as_dict() == {
        "latency_ms": 200.0,
        "latency_quantile": 0.95,
        "error_rate": 0.001,
        "availability": 0.999,
        "recovery_s": 300.0,
    }


def test_an_slo_leaves_a_budget() -> None:
    assert Targets().errors.budget == pytest.approx(0.001)
    assert Targets().latency.budget == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"latncy_ms": 100}, "no target called latncy_ms"),
        ({"error_rate": 1.5}, "a share above 0 and below 1"),
        ({"availability": 99.9}, "such as 0.999 for 99.9 %"),
        ({"availability": 1}, "nothing to be met or missed"),
        ({"latency_ms": float("inf")}, "no number"),
        ({"latency_ms": 0}, "above 0"),
        ({"recovery_s": -1}, "above 0"),
        ("targets.yml", "no targets by name"),
    ],
)
def test_a_target_that_means_nothing_is_refused(given: Any, reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        Targets.of(given)


@pytest.mark.parametrize(("objective", "threshold"), [(0.0, 200), (1.0, 200), (0.9, 0)])
def test_an_slo_that_cannot_be_kept_or_broken_is_refused(objective: float, threshold: float) -> None:
    with pytest.raises(ParameterError):
        Slo("latency", objective, threshold)


def test_an_slo_about_something_else_is_refused() -> None:
    with pytest.raises(ParameterError, match="no indicator 'speed'; it is one of latency, errors"):
        Slo("speed", 0.9)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("targets.yml", "latency_ms: 300\nerror_rate: 0.01\n"),
        ("targets.yml", "latency_ms: 3e2\nerror_rate: 1e-2\n"),
        ("targets.toml", "latency_ms = 300\nerror_rate = 1e-2\n"),
    ],
)
def test_targets_come_from_yaml_and_toml(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert load_targets(path) == Targets(latency_ms=300, error_rate=0.01)


def test_a_file_without_targets_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "targets.yml"
    path.write_text("just text\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"targets\.yml holds no targets"):
        load_targets(path)
