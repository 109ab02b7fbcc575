"""Findings come from patterns, one file each; each says what to do, and none says it without its evidence."""

import importlib
import json
import pkgutil
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis import patterns
from incident_kit.diagnosis.findings import PRIORITIES, REHEARSE, Finding, findings_frame
from incident_kit.measure.rollups.rollup import rollup_requests

START = datetime(2026, 1, 31, 10, tzinfo=UTC)
MINUTES, FAULT = 20, (8, 15)
PLACES = ("10.0.0.7:80", "10.0.0.8:80", "10.0.0.9:80")


def requests(slow: pl.Expr, slow_ms: pl.Expr, seed: int = 1) -> pl.DataFrame:
    """Twenty minutes of three endpoints on three upstreams; within the fault, `slow` takes `slow_ms`."""
    draw, size = np.random.default_rng(seed), MINUTES * 60 * 20
    at = pl.Series(np.sort(draw.uniform(0, MINUTES * 60, size)))
    faulty = pl.col("second").is_between(*(60 * minute for minute in FAULT), closed="left")
    return (
        pl.DataFrame(
            {
                "second": at,
                "route": draw.choice(["/cart", "/checkout", "/products/{id}"], size),
                "upstream_addr": draw.choice(PLACES, size),
                "usual_ms": draw.lognormal(3, 0.4, size),
                "draw": draw.uniform(0, 1, size),
            }
        )
        .with_columns(hit=faulty & slow)
        .select(
            "route",
            "upstream_addr",
            start_time=pl.lit(START) + pl.duration(microseconds=pl.col("second") * 1e6),
            method=pl.lit("GET"),
            status=200,
            duration_ms=pl.when("hit").then(slow_ms).otherwise(pl.col("usual_ms")),
        )
    )


CHECKOUT = pl.col("route") == "/checkout"
VARIED = 300 + 700 * pl.col("draw")
CASES = {
    "timeout-cliff": (CHECKOUT, pl.lit(1000.0) + pl.col("draw")),
    "bad-instance": (pl.col("upstream_addr") == PLACES[0], VARIED),
}


@pytest.mark.parametrize("pattern", CASES)
def test_a_pattern_is_found_where_it_is(pattern: str) -> None:
    assert pattern in ik.diagnose(requests(*CASES[pattern])).findings["id"].to_list()


@pytest.mark.parametrize("pattern", CASES)
def test_a_pattern_is_not_found_where_another_is(pattern: str) -> None:
    (other,) = set(CASES) - {pattern}
    assert pattern not in ik.diagnose(requests(*CASES[other])).findings["id"].to_list()


def test_healthy_requests_have_no_finding() -> None:
    assert ik.diagnose(requests(pl.lit(value=False), VARIED)).findings.is_empty()


def test_an_incident_past_the_recovery_target_is_said_to_be_slow() -> None:
    found = ik.diagnose(requests(CHECKOUT, VARIED))
    assert "slow-recovery" in found.findings["id"].to_list()
    patient = ik.diagnose(requests(CHECKOUT, VARIED), targets={"recovery_s": 3600})
    assert "slow-recovery" not in patient.findings["id"].to_list()


@pytest.mark.parametrize("lasts", [True, False])
def test_an_incident_that_lasts_is_not_said_to_be_over_and_asks_for_an_end(lasts: bool) -> None:
    until = START + timedelta(minutes=FAULT[1] if lasts else MINUTES)
    found = ik.diagnose(requests(CHECKOUT, VARIED).filter(pl.col("start_time") < until))
    (finding,) = found.findings.filter(id="slow-recovery").iter_rows(named=True)
    assert ("not over" in finding["claim"]) is lasts
    assert finding["change"].startswith("Take the way back now: ") is lasts
    assert (", at least 7 min " in str(found)) is lasts


@pytest.mark.parametrize(("status", "time_out"), [(200, False), (504, True), (499, True)])
def test_a_time_out_is_thought_of_where_requests_fail_at_one_duration(status: int, time_out: bool) -> None:
    bunched = requests(*CASES["timeout-cliff"])
    slow = pl.col("duration_ms") >= 1000
    log = bunched.with_columns(status=pl.when(slow).then(status).otherwise(200))
    (evidence,) = ik.diagnose(log).findings.filter(id="timeout-cliff")["evidence"].unique().to_list()
    assert ("a time-out" in evidence) == time_out


def failing(states: dict[str, float], usual: float = 0.0) -> pl.DataFrame:
    """The requests of three endpoints, of which /checkout fails with these parts of HAProxy's states.

    The part `usual` of all other requests fails with the first of the states.
    """
    log = requests(CHECKOUT, VARIED)
    draw = np.random.default_rng(2).uniform(0, 1, len(log))
    begins = np.cumsum([0.0, *states.values()])[:-1]
    state = pl.lit("----")
    for name, begin in zip(states, begins, strict=True):
        state = (
            pl.when(pl.Series(draw).is_between(begin, begin + states[name]))
            .then(pl.lit(name))
            .otherwise(state)
        )
    slow, unlucky = pl.col("duration_ms") >= 300, pl.lit(pl.Series(draw < usual))
    ended = pl.when(slow).then(state).when(unlucky).then(pl.lit(next(iter(states)))).otherwise(pl.lit("----"))
    return log.with_columns(
        status=pl.when(slow | unlucky).then(503).otherwise(200),
        upstream_addr=pl.when(~slow).then("upstream_addr"),
        extra=pl.concat_str(pl.lit('{"termination_state":"'), ended, pl.lit('"}')),
    )


def test_the_reason_that_a_proxy_gives_is_said() -> None:
    found = ik.diagnose(failing({"sQ--": 0.7, "SC--": 0.28})).findings.filter(id="proxy-reason")
    (claim,), (evidence,) = found["claim"].to_list(), found["evidence"].to_list()
    assert claim == (
        "HAProxy says why requests failed: no server had a free slot in time (sQ) and the server refused the "
        "connection, or none was up (SC)."
    )
    assert evidence.endswith("(none before); they reached no server.")
    assert "limit" in found["risk"][0]


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(failing({"sQ--": 0.3}), id="the proxy gives none for most"),
        pytest.param(failing({"CD--": 1.0}), id="clients left"),
        pytest.param(failing({"XX--": 1.0}), id="nobody knows what it means"),
        pytest.param(failing({"sQ--": 0.7})[::160], id="of a handful of requests"),
    ],
)
def test_no_reason_is_said_where(log: pl.DataFrame) -> None:
    assert "proxy-reason" not in ik.diagnose(log).findings["id"].to_list()


@pytest.mark.parametrize(("usual", "said"), [("10.0.0.7:80", True), ("shop_backend", False)])
def test_a_group_without_a_server_is_one_that_never_answers(usual: str, said: bool) -> None:
    failed = pl.col("duration_ms") >= 300
    log = requests(CHECKOUT, VARIED).with_columns(
        status=pl.when(failed).then(502).otherwise(200),
        upstream_addr=pl.when(failed).then(pl.lit("shop_backend")).otherwise(pl.lit(usual)),
    )
    claims = ik.diagnose(log).findings.filter(id="proxy-reason")["claim"].to_list()
    assert [claim.startswith("nginx says why") for claim in claims] == [True] * said


def test_failures_of_a_kind_that_was_there_before_are_told_apart_from_it() -> None:
    found = ik.diagnose(failing({"sH--": 1.0}, usual=0.02)).findings.filter(id="proxy-reason")
    assert "before)" in found["evidence"][0]
    assert "none before" not in found["evidence"][0]


def test_a_deploy_before_the_onset_is_said() -> None:
    deploy = START + timedelta(minutes=FAULT[0], seconds=-20)
    found = ik.diagnose(requests(CHECKOUT, VARIED), events=[f"{deploy.isoformat()} deploy v42"])
    (evidence,) = found.findings.filter(id="release")["evidence"].to_list()
    (claim,) = found.findings.filter(id="release")["claim"].to_list()
    assert claim == "The incident followed the change 'deploy v42'."
    assert "deploy v42" in evidence
    late = START + timedelta(minutes=FAULT[1])
    unrelated = ik.diagnose(requests(CHECKOUT, VARIED), events=[f"{late.isoformat()} deploy v43"])
    assert "release" not in unrelated.findings["id"].to_list()


@pytest.mark.parametrize(("minute", "found"), [(FAULT[0], True), (FAULT[1], False), (0, False)])
def test_a_version_that_is_first_seen_at_the_onset_is_said(minute: int, found: bool) -> None:
    log = requests(CHECKOUT, VARIED)
    new = pl.col("start") >= START + timedelta(minutes=minute)
    version = (
        pl.when(new).then(pl.lit('{"service.version":"v2"}')).otherwise(pl.lit('{"service.version":"v1"}'))
    )
    number = pl.int_range(pl.len()).cast(pl.String)
    spans = log.select(
        "duration_ms",
        start=pl.col("start_time").cast(pl.Datetime("ns", "UTC")),
        trace_id=number,
        span_id=number,
        service=pl.lit("shop"),
        name=pl.lit("GET"),
    ).with_columns(attributes=version)
    findings = ik.diagnose(log, spans).findings
    evidence = findings.filter(id="release")["evidence"].to_list()
    assert ["shop v2 was first seen" in one for one in evidence] == [True] * found


def test_a_hill_that_the_target_cuts_is_no_bunch() -> None:
    hill = requests(CHECKOUT, 195 + 10 * pl.col("draw"))  # half of it is slow, all of that within 2 %
    assert "timeout-cliff" not in ik.diagnose(hill).findings["id"].to_list()


def test_durations_in_whole_seconds_bunch_by_being_written_so() -> None:
    slow = requests(CHECKOUT, 3000 + 900 * pl.col("draw")).with_columns(pl.col("duration_ms") // 1000 * 1000)
    found = ik.diagnose(slow)
    assert found.incidents.height == 1
    assert "timeout-cliff" not in found.findings["id"].to_list()


@pytest.mark.parametrize(
    ("share_before", "kind", "id_", "claim"),
    [
        (0.0, "latency", "new-endpoint", "GET /export is new, and bad."),
        (0.02, "traffic", "traffic-shift", "Traffic moved; no endpoint got worse."),
    ],
)
def test_an_endpoint_that_is_new_was_not_bad_before(
    share_before: float, kind: str, id_: str, claim: str
) -> None:
    log = requests(CHECKOUT, VARIED)
    late = pl.col("start_time") >= START + timedelta(minutes=FAULT[0])
    place = pl.int_range(pl.len()) % 100
    moved = place < pl.when(late).then(40).otherwise(100 * share_before)
    mixed = log.with_columns(
        route=pl.when(moved).then(pl.lit("/export")).otherwise(pl.lit("/cart")),
        duration_ms=pl.when(moved).then(900.0).otherwise(20.0),
    )
    found = ik.diagnose(mixed)
    assert found.incidents["kind"].to_list() == [kind]
    told = found.findings.filter(pl.col("id").is_in(["new-endpoint", "traffic-shift"]))
    assert told.select("id", "claim").rows() == [(id_, claim)]


def test_failures_without_a_route_are_no_moved_traffic() -> None:
    failing = pl.col("start_time").is_between(*(START + timedelta(minutes=minute) for minute in FAULT))
    empty = failing & (pl.int_range(pl.len()) % 3 == 0)
    log = requests(CHECKOUT, 20.0).with_columns(
        route=pl.when(empty).then(None).otherwise("route"), status=pl.when(empty).then(500).otherwise(200)
    )
    found = ik.diagnose(log)
    assert found.incidents["kind"].to_list() == ["errors"]
    assert not {"new-endpoint", "traffic-shift"} & {*found.findings["id"]}


def test_of_an_upstream_that_spoils_every_endpoint_it_is_not_said_that_it_spoilt_one() -> None:
    seventh = pl.col("upstream_addr") == PLACES[0]
    logs = [requests(slow, VARIED) for slow in (seventh, seventh & CHECKOUT)]
    findings = [ik.diagnose(log.with_columns(upstream_duration_ms="duration_ms")).findings for log in logs]
    claims = [rows.filter(id="dependency-at-fault")["claim"][0] for rows in findings]
    assert " and others slowed down because of 10.0.0.7:80" in claims[0]
    assert claims[1].startswith("GET /checkout slowed down because of 10.0.0.7:80")


def test_where_proxy_and_clients_look_alike_both_are_looked_at() -> None:
    waits = pl.when(pl.col("duration_ms") > 250).then(20.0).otherwise("duration_ms")
    log = requests(CHECKOUT, VARIED).with_columns(upstream_duration_ms=waits)
    at_fault = ik.diagnose(log).findings.filter(id="dependency-at-fault").row(0, named=True)
    assert "proxy or client" in at_fault["claim"]
    assert "clients are slow" in at_fault["change"]


def test_the_instance_that_others_stand_in_for_is_bad_and_not_the_one_that_answers() -> None:
    """A server takes a second to fail, and the next one of the list answers."""
    first, second = PLACES[:2]
    tried = [{"addr": first, "status": 502, "ms": 1000}, {"addr": second, "status": 200, "ms": 20}]
    failed = json.dumps({"attempts": tried})
    slow = pl.col("duration_ms") > 900
    log = requests(pl.col("upstream_addr") == first, pl.lit(1020.0)).with_columns(
        extra=pl.when(slow).then(pl.lit(failed)),
        upstream_addr=pl.when(slow).then(pl.lit(second)).otherwise("upstream_addr"),
        upstream_attempts=pl.when(slow).then(2).otherwise(1),
    )
    found = ik.diagnose(log)
    assert found.findings.filter(id="bad-instance")["claim"].to_list() == [
        f"One instance is bad: {first} (upstream)."
    ]
    assert "10.0.0.8" not in found.incidents["explanation"][0]


@pytest.mark.parametrize(
    ("name", "called"), [("k8s.pod.name", "pod"), ("host.name", "host"), ("kubernetes/pod_name", "pod")]
)
def test_the_pod_or_host_that_a_wrapper_tells_may_be_the_bad_instance(name: str, called: str) -> None:
    inside = "".join(f'{{"{key}":' for key in name.split("/"))
    ends = "}" * inside.count("{")
    told = pl.concat_str(pl.lit(f'{inside}"'), "upstream_addr", pl.lit(f'"{ends}'))
    found = ik.diagnose(requests(*CASES["bad-instance"]).with_columns(extra=told).drop("upstream_addr"))
    assert found.findings.filter(id="bad-instance")["claim"].to_list() == [
        f"One instance is bad: {PLACES[0]} ({called})."
    ]
    assert found.incidents["explanation"][0].startswith(f"Requests on {called} {PLACES[0]} explain 100 %")


def test_the_server_that_wrote_a_file_may_be_the_bad_instance_but_not_a_site_nor_a_rotated_file() -> None:
    log = requests(*CASES["bad-instance"]).drop("upstream_addr")
    server = requests(*CASES["bad-instance"])["upstream_addr"]
    of_servers = log.with_columns(source=pl.format("/logs/{}.log", server))
    rolled_up = ik.diagnose(rollup_requests(of_servers))
    assert rolled_up.incidents["explanation"][0].startswith(f"Requests in {PLACES[0]}.log explain 100 %")
    assert "bad-instance" not in rolled_up.findings["id"].to_list()  # it knows no endpoints by file
    found = ik.diagnose(of_servers).findings.filter(id="bad-instance").row(0, named=True)
    assert found["claim"] == f"One instance is bad: {PLACES[0]}.log (the server that wrote it)."
    assert found["change"].startswith(f"Take the server that wrote {PLACES[0]}.log out of rotation")
    site = pl.when(server == PLACES[0]).then(pl.format("/one{}", "route")).otherwise("route")
    of_sites = of_servers.with_columns(route=site)
    half = (
        pl.when(pl.col("start_time") < START + timedelta(minutes=12))
        .then(pl.lit("old"))
        .otherwise(pl.lit("new"))
    )
    rotated = requests(CHECKOUT, VARIED).drop("upstream_addr").with_columns(source=half)
    for other in (of_sites, rotated):
        assert "bad-instance" not in ik.diagnose(other).findings["id"].to_list()


def test_a_pod_that_alone_answers_its_endpoints_is_no_instance() -> None:
    told = pl.format('{{"k8s.pod.name":"{}"}}', "route")
    found = ik.diagnose(requests(CHECKOUT, VARIED).with_columns(extra=told).drop("upstream_addr"))
    assert found.incidents.height == 1
    assert "bad-instance" not in found.findings["id"].to_list()


def test_a_host_is_what_was_asked_for_and_no_instance() -> None:
    site = pl.when(pl.col("upstream_addr") == PLACES[0]).then(pl.lit("api.example")).otherwise(pl.lit("shop"))
    sites = requests(*CASES["bad-instance"]).with_columns(host=site).drop("upstream_addr")
    found = ik.diagnose(sites)
    assert "bad-instance" not in found.findings["id"].to_list()
    assert found.incidents["explanation"][0].startswith("Requests to host api.example explain 100 %")


@pytest.mark.parametrize("rolled_up", [False, True])
def test_an_upstream_that_alone_answers_its_endpoints_is_no_instance(rolled_up: bool) -> None:
    log = requests(CHECKOUT, VARIED).with_columns(upstream_addr=pl.col("route"))
    found = ik.diagnose(rollup_requests(log) if rolled_up else log)
    assert found.incidents.height == 1
    assert "bad-instance" not in found.findings["id"].to_list()


def two_services(bad: pl.Expr) -> pl.DataFrame:
    """Requests that a gate hands on to three pods of the shop; there the `bad` ones are slow."""
    number = pl.int_range(pl.len()).cast(pl.String)
    entry = requests(pl.lit(value=False), VARIED).select(
        "duration_ms",
        "route",
        trace_id=number,
        span_id=number,
        parent_span_id=pl.lit(None, pl.String),
        start=pl.col("start_time").cast(pl.Datetime("ns", "UTC")),
        kind=pl.lit("server"),
        name=pl.lit("GET"),
        pod=pl.int_range(pl.len()) % 3,
        service=pl.lit("gate"),
    )
    since = (pl.col("start") - START).dt.total_minutes()
    late = 300 * (bad & since.is_between(*FAULT, closed="left")).cast(pl.Float64)
    entry = entry.with_columns(pl.col("duration_ms") + late)
    shop = entry.with_columns(
        pl.col("duration_ms") - 1, parent_span_id="span_id", span_id=pl.lit("s"), service=pl.lit("shop")
    )
    pods = pl.concat_str(pl.lit('{"k8s.pod.name":"shop-'), "pod", pl.lit('"}'))
    return pl.concat([entry, shop]).with_columns(attributes=pods)


@pytest.mark.parametrize(("bad", "found"), [(pl.col("pod") == 1, True), (pl.lit(value=True), False)])
def test_one_pod_of_the_service_at_fault_is_said(bad: pl.Expr, found: bool) -> None:
    claims = ik.diagnose(spans=two_services(bad)).findings.filter(id="bad-part")["claim"].to_list()
    assert claims == ["One part of shop is bad: shop-1 (k8s.pod.name)."] * found


@pytest.mark.parametrize("released", ["gate", "shop"])
def test_a_release_of_another_service_than_the_one_at_fault_is_said_to_be_one(released: str) -> None:
    new = (pl.col("service") == released) & (pl.col("start") >= START + timedelta(minutes=FAULT[0]))
    version = (
        pl.when(new).then(pl.lit('{"service.version":"v2"}')).otherwise(pl.lit('{"service.version":"v1"}'))
    )
    spans = two_services(pl.lit(value=True)).with_columns(attributes=version)
    (claim,) = ik.diagnose(spans=spans).findings.filter(id="release")["claim"].to_list()
    assert ("another service" in claim) == (released == "gate")


@pytest.mark.parametrize("switched", ["gate", "shop"])
@pytest.mark.parametrize(("minute", "found"), [(FAULT[0], True), (FAULT[1], False)])
def test_a_feature_flag_that_is_switched_before_the_onset_is_said(
    switched: str, minute: int, found: bool
) -> None:
    on = (pl.col("service") == switched) & (pl.col("start") >= START + timedelta(minutes=minute))
    value = pl.when(on).then(pl.lit("on")).otherwise(pl.lit("off"))
    flag = pl.concat_str(pl.lit('{"feature_flag.new_cart":"'), value, pl.lit('"}'))
    spans = two_services(pl.lit(value=True)).with_columns(attributes=flag)
    findings = ik.diagnose(spans=spans).findings.filter(id="flag-change")
    said = [f"The incident followed a change of the feature flag new_cart=on in {switched}."]
    assert findings["claim"].to_list() == said * found
    against = "; the evidence is against shop." in "".join(findings["evidence"])
    assert against == (found and switched == "gate")


def test_findings_come_in_the_order_of_their_priority() -> None:
    def finding(priority: str) -> Finding:
        texts = {item.name: "x" for item in fields(Finding)}
        return Finding(**{**texts, "priority": priority})

    table = findings_frame((0, finding(priority)) for priority in reversed(PRIORITIES))
    assert table["priority"].to_list() == list(PRIORITIES)


def test_what_mends_an_incident_comes_before_what_is_for_the_next_one() -> None:
    texts = {item.name: "x" for item in fields(Finding)} | {"priority": "reliability"}
    changes = [REHEARSE, "Take it out.", REHEARSE, "Roll it back."]
    table = findings_frame(
        (number, Finding(**{**texts, "change": change})) for number, change in enumerate(changes)
    )
    assert table["incident"].to_list() == [1, 3, 0, 2]


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(patterns.__path__)])
def test_every_pattern_is_one_documented_function(name: str) -> None:
    module = importlib.import_module(f"{patterns.__name__}.{name}")
    assert module.__doc__
    assert module.find.__doc__
