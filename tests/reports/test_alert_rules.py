"""The targets as alert rules: what Prometheus makes of them, asked of Prometheus itself where it is there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from incident_kit.errors import ParameterError
from incident_kit.reports.alert_rules import openslo, prometheus_rules
from incident_kit.slo import Targets

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool (Prometheus) is not installed")

COUNT, BUCKET = (f"http_server_request_duration_seconds_{part}" for part in ("count", "bucket"))
TEN_A_SECOND = "0+600x300"
A_TENTH_OF_THEM = "0+60x300"


def rules(targets: Targets) -> list[dict[str, Any]]:
    return [rule for group in prometheus_rules(targets)["groups"] for rule in group["rules"]]


def test_no_two_rules_have_the_same_name_and_labels() -> None:
    named = [(rule["alert"], *sorted(rule["labels"].items())) for rule in rules(Targets())]
    assert len(set(named)) == len(named) == 9


@pytest.mark.parametrize(
    ("targets", "windows"),
    [
        (Targets(), ["1h", "6h", "1d", "3d"]),
        (Targets(latency_quantile=0.9), ["6h", "1d", "3d"]),
        (Targets(latency_quantile=0.5), ["3d"]),
    ],
)
def test_an_alert_that_could_not_fire_if_all_were_slow_is_left_out(
    targets: Targets, windows: list[str]
) -> None:
    burns = [rule["labels"] for rule in rules(targets) if rule["alert"] == "LatencyBudgetBurn"]
    assert [labels["window"] for labels in burns] == windows


@pytest.mark.parametrize(
    ("latency_ms", "label"), [(200, 'le="0.2"'), (1000, r'le=~"1(\\.0)?"'), (2500, 'le="2.5"')]
)
def test_the_bucket_of_the_target_is_found_however_whole_seconds_are_written(
    latency_ms: float, label: str
) -> None:
    slow = [rule["expr"] for rule in rules(Targets(latency_ms=latency_ms)) if "_bucket" in rule["expr"]]
    assert slow
    assert all(label in expression for expression in slow)


@pytest.mark.parametrize("name", ["My Shop", "shop_1", "-shop", "", "x" * 60])
def test_a_service_without_a_name_that_openslo_knows_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match="is no name in OpenSLO"):
        openslo(Targets(), name)


@needs_promtool
@pytest.mark.parametrize(
    ("series", "firing"),
    [
        pytest.param(
            {
                f'{COUNT}{{http_response_status_code="200"}}': TEN_A_SECOND,
                f'{COUNT}{{http_response_status_code="500"}}': A_TENTH_OF_THEM,
                f'{BUCKET}{{le="0.2"}}': "0+660x300",
            },
            {"ErrorsBudgetBurn": {"1h", "6h", "1d", "3d"}},
            id="a tenth fails",
        ),
        pytest.param(
            {
                f'{COUNT}{{http_response_status_code="200"}}': TEN_A_SECOND,
                f'{BUCKET}{{le="0.2"}}': A_TENTH_OF_THEM,
            },
            {"LatencyBudgetBurn": {"1h", "6h", "1d", "3d"}},
            id="nine tenths are slow",
        ),
        pytest.param(
            {
                f'{COUNT}{{http_response_status_code="200"}}': "0+1x300",
                f'{COUNT}{{http_response_status_code="500"}}': "0x290 1x10",
                f'{BUCKET}{{le="0.2"}}': "0+1x300",
            },
            {},
            id="one failure on a quiet service",
        ),
        pytest.param(
            {
                f'{COUNT}{{http_response_status_code="200"}}': TEN_A_SECOND,
                f'{BUCKET}{{le="0.25"}}': TEN_A_SECOND,
            },
            {"LatencyBucketMissing": {""}},
            id="no bucket ends at the target",
        ),
        pytest.param(
            {
                f'{COUNT}{{http_response_status_code="200"}}': TEN_A_SECOND,
                f'{BUCKET}{{le="0.2"}}': TEN_A_SECOND,
            },
            {},
            id="all is well",
        ),
    ],
)
def test_prometheus_fires_for_what_is_too_fast_a_burn_and_for_a_missing_bucket(
    tmp_path: Path, series: dict[str, str], firing: dict[str, set[str]]
) -> None:
    written = prometheus_rules(Targets())
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(written))
    expected = [
        {
            "eval_time": "298m",
            "alertname": name,
            "exp_alerts": [
                {"exp_labels": rule["labels"], "exp_annotations": rule["annotations"]}
                for rule in rules(Targets())
                if rule["alert"] == name and rule["labels"].get("window", "") in firing.get(name, ())
            ],
        }
        for name in ("ErrorsBudgetBurn", "LatencyBudgetBurn", "LatencyBucketMissing")
    ]
    asked = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "alert_rule_test": expected,
            }
        ],
    }
    (tmp_path / "asked.yml").write_text(yaml.safe_dump(asked))
    for command in (["check", "rules", "rules.yml"], ["test", "rules", "asked.yml"]):
        done = subprocess.run(
            [str(PROMTOOL), *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
