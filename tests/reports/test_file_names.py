"""A report tells files by their names, and says nothing of where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_kit.reports.notebooks.parameter_check import validate
from incident_kit.reports.prose import about
from incident_kit.reports.prose.file_names import file_name, without_folders


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/ann/logs/access.log", "access.log"),
        ("access.log", "access.log"),
        ("s3://bucket/logs/*.gz", "*.gz"),
        ("/var/log/nginx/", "nginx"),
        ("-", "standard input"),
    ],
)
def test_a_path_is_told_by_its_last_part(path: str, name: str) -> None:
    assert file_name(path) == name


def test_injected_parameters_keep_their_values_and_lose_their_folders(tmp_path: Path) -> None:
    templates = tmp_path / "routes.txt"
    templates.touch()
    given = f"""# Parameters
access_log = ["/home/ann/a.log", "/home/ann/b.log"]
traces = "/home/ann/traces.jsonl"
routes = ["/users/{{id}}", "{templates}"]
log_format = "nginx:$remote_addr /home"
latency_ms = 300.0
mask = False
threshold = float('nan')"""
    cut = without_folders(given)
    assert cut.splitlines() == [
        "# Parameters",
        "access_log = ['a.log', 'b.log']",
        "traces = 'traces.jsonl'",
        "routes = ['/users/{id}', 'routes.txt']",
        "log_format = 'nginx:$remote_addr /home'",
        "latency_ms = 300.0",
        "mask = False",
        "threshold = float('nan')",
    ]
    compile(cut, "cell", "exec")


def test_a_comparison_of_two_logs_names_those_and_not_the_sample() -> None:
    asked = validate("compare_releases", {"before": "/var/log/v1.log", "after": ["/var/log/v2.log"]})
    data, time, *_ = about.what_is_asked(asked).lines
    assert data == "Data: v1.log and v2.log."
    assert time == "Time: times are shown in UTC."
