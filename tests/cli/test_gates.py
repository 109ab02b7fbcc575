"""`compare` and `--fail-on` are gates: 0 lets pass, 1 stops; `alerts` are the targets as rules."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.cli.sentences import the_one_sentence

PASSED, FAILED = 0, 1


def log_of(samples: Path, scenario: str) -> Path:
    return samples / scenario / "access.log.gz"


@pytest.mark.parametrize(("scenario", "code"), [("healthy", PASSED), ("bad-release", FAILED)])
def test_fail_on_breach_stops_what_missed_its_targets(
    incident_kit, samples, scenario: str, code: int
) -> None:
    assert incident_kit("diagnose", log_of(samples, scenario), "--fail-on", "breach").returncode == code
    assert incident_kit("diagnose", log_of(samples, scenario)).returncode == PASSED


def test_compare_stops_a_release_that_got_worse_and_says_what(incident_kit, samples) -> None:
    done = incident_kit("compare", log_of(samples, "healthy"), log_of(samples, "bad-release"))
    assert done.returncode == FAILED
    assert "errors, slow requests and latency of POST /checkout" in done.stdout


def test_compare_lets_the_same_pass_and_says_what_it_could_have_seen(incident_kit, samples) -> None:
    healthy = log_of(samples, "healthy")
    done = incident_kit("compare", healthy, healthy, "--json")
    assert done.returncode == PASSED
    document = json.loads(done.stdout)
    assert document["verdict"] == "no regression"
    assert any(row["detectable"] for row in document["changes"])


def test_a_comparison_is_written_as_a_page_too(incident_kit, samples, tmp_path: Path) -> None:
    (tmp_path / "targets.yml").write_text("latency_ms: 300\n")
    rollups = [tmp_path / f"{scenario}.parquet" for scenario in ("healthy", "bad-release")]
    for rollup in rollups:
        assert incident_kit("rollup", log_of(samples, rollup.stem), "-o", rollup).returncode == PASSED
    options = ("-o", tmp_path / "out", "--targets", tmp_path / "targets.yml", "--json")
    done = incident_kit("compare", *rollups, *options)
    assert done.returncode == FAILED
    assert done.stderr.splitlines()[-1] == f"The report is at {tmp_path / 'out' / 'index.html'}"
    (told,) = json.loads((tmp_path / "out" / "verdict.json").read_text())["verdicts"]
    assert told["gate"] == json.loads(done.stdout)["verdict"] == "regression"


def test_alerts_are_rules_that_prometheus_reads(incident_kit, tmp_path: Path) -> None:
    rules = tmp_path / "made" / "rules.yml"
    assert incident_kit("alerts", "-o", rules).returncode == PASSED
    groups = yaml.safe_load(rules.read_text(encoding="utf-8"))["groups"]
    for group in groups:
        burns = [rule for rule in group["rules"] if rule["alert"].endswith("BudgetBurn")]
        assert [rule["labels"]["severity"] for rule in burns] == ["page", "page", "ticket", "ticket"]
        for rule in burns:
            assert rule["expr"].count("(") == rule["expr"].count(")")
            assert " and " in rule["expr"]


def test_alerts_tried_on_a_log_say_when_they_would_have_fired(incident_kit, samples) -> None:
    said = incident_kit("alerts", "--backtest", log_of(samples, "bad-release")).stdout
    assert "page: errors" in said
    assert "times as fast as allowed" in said
    assert "reach back before the first request" in said.splitlines()[-1]
    quiet = incident_kit("alerts", "--backtest", log_of(samples, "healthy"))
    assert quiet.stdout.strip() == "No alert would have fired."


def test_alerts_tried_on_an_outage_say_that_no_alert_sees_it(incident_kit, tmp_path: Path) -> None:
    began = datetime(2026, 1, 31, 10, tzinfo=UTC)
    arrived = [began + timedelta(seconds=k) for k in range(7200) if not 3600 <= k < 4800]
    line = '10.0.0.1 - - [{:%d/%b/%Y:%H:%M:%S %z}] "GET / HTTP/1.1" 200 1 "-" "-"\n'
    log = tmp_path / "access.log"
    log.write_text("".join(map(line.format, arrived)))
    said = incident_kit("alerts", "--backtest", log).stdout.splitlines()
    assert said[0] == "No alert would have fired."
    assert said[1].startswith("2026-01-31 11:00:00 to 11:20:00 UTC: 1,200 requests never arrived")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--backtest"], "nothing to try the alerts on"),
        (["--backtest", "--openslo", "shop", "access.log"], "add -o FILE"),
        (["--openslo", "My Shop"], "no name in OpenSLO"),
    ],
)
def test_alerts_that_would_say_nothing_are_refused(incident_kit, arguments: list[str], says: str) -> None:
    assert says in the_one_sentence(incident_kit("alerts", *arguments))


def test_a_rollup_is_diagnosed_like_the_log_it_was_made_of(incident_kit, samples, tmp_path: Path) -> None:
    rolled = tmp_path / "rollup.parquet"
    made = incident_kit("rollup", log_of(samples, "bad-release"), "-o", rolled)
    assert made.returncode == PASSED
    assert made.stderr.startswith(f"{rolled} holds ")
    assert made.stderr.endswith("; no line was rejected.\n")
    of_log, of_rollup = (
        json.loads(incident_kit("diagnose", source, "--json").stdout)["incidents"]
        for source in (log_of(samples, "bad-release"), rolled)
    )
    for key in ("kind", "start", "end", "bad", "endpoints"):
        assert of_rollup[0][key] == of_log[0][key], key
