"""Attacks that a log shows: said when they are there, with their networks; never in healthy traffic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.security import find_threats
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.schema import REQUESTS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
MINUTES = 30


def answers(
    method: str,
    path: str,
    status: int,
    number: int,
    clients: str = "198.51.{}.7",
    *,
    minute: int = 0,
    over: int = 1,
) -> pl.DataFrame:
    """Return that many answers, spread over minutes, each of the next client; `{n}` in a path counts too."""
    step = timedelta(minutes=over) / number
    return pl.DataFrame(
        {
            "start_time": [START + timedelta(minutes=minute) + step * n for n in range(number)],
            "method": [method] * number,
            "path": [path.replace("{n}", str(n)) for n in range(number)],
            "route": [path.replace("{n}", "{id}")] * number,
            "status": [status] * number,
            "client_ip": [clients.format(n % 50) for n in range(number)],
            "duration_ms": [12.0] * number,
        }
    )


def usual() -> pl.DataFrame:
    return pl.concat(
        [
            answers("GET", "/items/{n}", 200, 6000, over=MINUTES),
            answers("POST", "/login", 200, 300, over=MINUTES),
            answers("POST", "/login", 401, 60, over=MINUTES),
            answers("GET", "/gone/{n}", 404, 100, over=MINUTES),
            answers("GET", "/.env", 404, 30, over=MINUTES),
        ]
    )


def threats(*attacks: pl.DataFrame, known: bool = True) -> dict[str, Finding]:
    requests = conform(pl.concat([usual(), *attacks]), REQUESTS)
    found = find_threats(requests if known else None, rollup_requests(requests))
    return {finding.id: finding for finding in found}


PROBES = ("/.env", "/.git/config", "/wp-login.php", "/phpmyadmin", "/actuator/env", "/xmlrpc.php")
ATTACKS = {
    "login-storm": answers("POST", "/login", 401, 400, "203.0.113.9", minute=10, over=4),
    "scanner": pl.concat([answers("GET", path, 404, 1, "203.0.113.9", minute=10) for path in PROBES]),
    "rate-limit": answers("GET", "/items/{n}", 429, 300, "203.0.113.9", minute=10, over=3),
}


def test_usual_refusals_are_no_threat() -> None:
    assert threats() == {}


@pytest.mark.parametrize("known", [True, False], ids=["requests", "rollup"])
@pytest.mark.parametrize(("path", "status"), [("/login", 401), ("/items/{n}", 404)])
def test_an_endpoint_that_refuses_its_usual_requests_is_broken_and_not_attacked(
    path: str, status: int, known: bool
) -> None:
    well = answers("POST", path, 200, 1500, over=60)
    second = pl.col("start_time").is_between(START + timedelta(minutes=20), START + timedelta(minutes=35))
    broken = well.with_columns(status=pl.when(second).then(status).otherwise("status"))
    requests = conform(broken, REQUESTS)
    (finding,) = find_threats(requests if known else None, rollup_requests(requests))
    assert (finding.id, finding.priority) == ("turned-away", "reliability")
    assert str(status) in finding.claim
    assert "between 2026-01-05 08:20:00 UTC and 2026-01-05 08:35:00 UTC" in finding.evidence


def test_one_client_that_is_refused_is_not_everybody() -> None:
    own = answers("GET", "/report", 200, 600, "203.0.113.9", over=30)
    late = pl.col("start_time") >= START + timedelta(minutes=20)
    assert threats(own.with_columns(status=pl.when(late).then(403).otherwise("status"))) == {}


@pytest.mark.parametrize("kind", sorted(ATTACKS))
def test_an_attack_is_found_and_its_network_named_but_no_client(kind: str) -> None:
    found = threats(ATTACKS[kind])
    assert set(found) == {kind}
    assert found[kind].priority == "security"
    words = " ".join((found[kind].claim, found[kind].evidence, found[kind].change))
    assert "203.0.113.0/24" in words
    assert "203.0.113.9" not in words


@pytest.mark.parametrize("known", [True, False], ids=["requests", "rollup"])
def test_guessed_passwords_show_in_a_log_without_methods_too(known: bool) -> None:
    requests = conform(pl.concat([usual(), ATTACKS["login-storm"]]).drop("method"), REQUESTS)
    (found,) = find_threats(requests if known else None, rollup_requests(requests))
    assert found.id == "login-storm"
    assert ("203.0.113.0/24" in found.evidence) == known


@pytest.mark.parametrize("kind", sorted(ATTACKS))
def test_a_rollup_knows_of_it_too_but_not_from_whom(kind: str) -> None:
    (found,) = threats(ATTACKS[kind], known=False).values()
    assert found.id == kind
    assert "203.0.113" not in found.evidence


def test_a_storm_from_many_clients_says_from_how_many_networks() -> None:
    found = threats(answers("POST", "/login", 401, 400, "203.0.{}.9", minute=10, over=4))
    assert "from 58 networks" in found["login-storm"].evidence


def test_an_endpoint_that_refuses_all_day_is_no_storm() -> None:
    assert "login-storm" not in threats(answers("GET", "/private", 401, 3000, over=MINUTES))


def test_a_client_that_asks_for_many_paths_that_are_not_there_scans() -> None:
    found = threats(answers("GET", "/try/{n}", 404, 40, "203.0.113.9", minute=10))
    assert "1 client scanned the service for 40 paths" in found["scanner"].claim


def test_a_crawler_that_finds_most_of_what_it_asks_for_does_not() -> None:
    crawler = [answers("GET", "/try/{n}", status, 40, "203.0.113.9", minute=10) for status in (200, 200, 404)]
    assert threats(*crawler) == {}


def test_single_probes_by_many_clients_are_background() -> None:
    assert (
        threats(
            *(answers("GET", path, 404, 5, f"203.0.{{}}.{n}", minute=10) for n, path in enumerate(PROBES))
        )
        == {}
    )


def refused_by_the_proxy(passed_on: int, took_ms: float = 0.2) -> list[Finding]:
    """Return the threats of a minute in which a proxy refused 600 requests and passed others on."""
    served = answers("GET", "/items/{n}", 200, 6000, over=MINUTES)
    refused = answers("GET", "/items/{n}", 503, 600, minute=10)
    before, after = (
        served["start_time"] < refused["start_time"][0],
        served["start_time"] > refused["start_time"][-1],
    )
    during = served.filter(~before & ~after).head(passed_on)
    passed = pl.concat([served.filter(before | after), during]).with_columns(upstream_addr=pl.lit("a:80"))
    unasked = refused.with_columns(upstream_addr=pl.lit(None, dtype=pl.String), duration_ms=pl.lit(took_ms))
    requests = conform(pl.concat([passed, unasked]), REQUESTS)
    return find_threats(requests, rollup_requests(requests))


def test_a_proxy_that_refuses_what_is_more_than_usual_limits() -> None:
    assert [finding.id for finding in refused_by_the_proxy(passed_on=200)] == ["rate-limit"]


@pytest.mark.parametrize(
    ("passed_on", "took_ms"), [(20, 0.2), (200, 900.0)], ids=["nobody left to ask", "asked in vain"]
)
def test_a_proxy_that_could_not_get_an_answer_does_not(passed_on: int, took_ms: float) -> None:
    assert "rate-limit" not in [finding.id for finding in refused_by_the_proxy(passed_on, took_ms)]


@pytest.mark.parametrize("scenario", ["healthy", "slow-database", "bad-release"])
def test_the_samples_hold_no_attack(samples, scenario: str) -> None:
    requests = ik.read_access_log(samples / scenario / "access.log.gz").requests
    assert find_threats(requests, rollup_requests(requests)) == []


def test_findings_of_threats_belong_to_no_incident() -> None:
    requests = conform(pl.concat([usual(), ATTACKS["login-storm"]]), REQUESTS)
    (row,) = ik.diagnose(requests).to_dict()["findings"]
    assert (row["id"], row["incident"], row["priority"]) == ("login-storm", None, "security")
