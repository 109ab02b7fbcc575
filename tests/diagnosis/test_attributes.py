"""What sets the bad requests of an incident apart: an attribute that they share, and the others do not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from incident_kit.diagnosis.attributes.contrasts import attribute_shares
from incident_kit.diagnosis.attributes.explanation import explanation
from incident_kit.diagnosis.attributes.parameters import up_to_first_id
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import REQUESTS, conform
from incident_kit.slo import Targets
from incident_kit.window import Window

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
FAULT_S = (300, 660)


def requests(fault: pl.Expr, share: float = 0.8, size: int = 40_000, seed: int = 1) -> pl.DataFrame:
    """Return fifteen minutes; for six of them, requests that match `fault` fail with that probability."""
    draw = np.random.default_rng(seed)
    at = np.sort(draw.uniform(0, 900, size))
    frame = pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=float(second)) for second in at],
            "duration_ms": draw.lognormal(3, 0.3, size),
            "method": draw.choice(["GET", "POST"], size, p=[0.8, 0.2]),
            "route": draw.choice(["/products", "/checkout", "/cart"], size, p=[0.6, 0.2, 0.2]),
            "upstream_addr": draw.choice([f"10.0.0.{n}:8080" for n in range(5, 9)], size),
            "client_ip": [f"198.51.{n}.7" for n in draw.integers(0, 30, size)],
            "user_agent": draw.choice(["curl/8.5", "okhttp/4.12"], size),
            "host": draw.choice(["shop.example", "api.example"], size),
            "extra": draw.choice(['{"zone": "a", "id": "1"}', '{"zone": "b", "id": "2"}'], size),
        }
    )
    within = (at >= FAULT_S[0]) & (at < FAULT_S[1])
    fails = pl.Series(within & (draw.uniform(size=size) < share)) & frame.select(fault).to_series()
    background = pl.Series(draw.uniform(size=size) < 0.0003)
    status = pl.when(pl.lit(fails | background)).then(502).otherwise(200)
    return conform(frame.with_columns(status=status), REQUESTS)


def diagnosed(frame: pl.DataFrame) -> tuple[Incident, pl.DataFrame]:
    (incident,) = find_incidents(rollup_requests(frame), Targets())
    return incident, attribute_shares(frame, incident)


CHECKOUT, SEVENTH = pl.col("route") == "/checkout", pl.col("upstream_addr") == "10.0.0.7:8080"
POST = pl.col("method") == "POST"
ANY_SECOND = pl.int_range(pl.len()) % 2 == 0


@pytest.mark.parametrize(
    ("fault", "attribute", "value"),
    [
        (SEVENTH, "upstream", "10.0.0.7:8080"),
        (POST, "method", "POST"),
        (pl.col("client_ip") == "198.51.3.7", "client_network", "198.51.3.0/24"),
        (pl.col("user_agent").str.starts_with("curl"), "user_agent_family", "curl"),
        (pl.col("host") == "api.example", "host", "api.example"),
        (pl.col("extra").str.contains('"zone": "b"'), "zone", "b"),
        (CHECKOUT & POST, "endpoint", "POST /checkout"),
        (CHECKOUT & POST & SEVENTH, "endpoint & upstream", "POST /checkout & 10.0.0.7:8080"),
        (POST & SEVENTH, "method & upstream", "POST & 10.0.0.7:8080"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_bad_requests_have_in_common_is_first(fault: pl.Expr, attribute: str, value: str) -> None:
    _, table = diagnosed(requests(fault))
    first = table.filter(pl.col("attribute") != "status").row(0, named=True)
    assert first["separates"]
    assert first["share"] > 0.9
    # A field that always moves with another one tells the same.
    assert (first["attribute"], first["value"]) in {
        (attribute, value),
        ("id", "2" if attribute == "zone" else ""),
    }


def with_posts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return requests whose checkouts are posts of a blog, too many for a template."""
    posts = pl.format("/blog/post-{}", pl.int_range(pl.len()) % 3000)
    return frame.with_columns(route=pl.when(CHECKOUT).then(posts).otherwise("route"))


def asking(frame: pl.DataFrame) -> pl.DataFrame:
    """Return requests with a tenant in most paths, and parameters behind them."""
    turn = pl.int_range(pl.len())
    tenant = pl.concat_str(pl.lit("/tenants/"), turn % 23)
    rest = pl.when(CHECKOUT).then(pl.lit("/checkout")).otherwise(pl.lit("/items"))
    is_home = pl.col("route") == "/cart"
    return frame.with_columns(
        route=pl.when(is_home).then(pl.lit("/cart")).otherwise(pl.concat_str(pl.lit("/tenants/{id}"), rest)),
        path=pl.when(is_home).then(pl.lit("/cart")).otherwise(pl.concat_str(tenant, rest)),
        query=pl.format("page={}&locale={}&token={}", turn % 700, turn % 5, turn % 3),
    )


@pytest.mark.parametrize(
    ("fault", "attribute", "value", "says"),
    [
        (pl.int_range(pl.len()) % 23 == 7, "path", "/tenants/7", "Requests at /tenants/7 explain"),
        (
            pl.int_range(pl.len()) % 5 == 2,
            "path_prefix & ?locale",
            "/tenants & 2",
            "Requests below /tenants with ?locale=2 explain",
        ),
        (
            CHECKOUT & (pl.int_range(pl.len()) % 5 == 2),
            "endpoint & ?locale",
            "GET /tenants/{id}/checkout & 2",
            "GET /tenants/{id}/checkout with ?locale=2 explains",
        ),
    ],
)
def test_what_bad_requests_ask_for_is_an_attribute(
    fault: pl.Expr, attribute: str, value: str, says: str
) -> None:
    frame = asking(requests(fault & (pl.col("route") != "/cart")).with_columns(method=pl.lit("GET")))
    incident, table = diagnosed(frame)
    first = table.filter(~pl.col("attribute").str.contains("status")).row(0, named=True)
    assert (first["attribute"], first["value"], first["separates"]) == (attribute, value, True)
    assert explanation(incident, Targets(), table).startswith(says)


def spans_of(frame: pl.DataFrame, **attributes: pl.Expr) -> pl.DataFrame:
    """Return the requests' own spans with attributes."""
    made = frame.select("trace_id", attributes=pl.struct(**attributes).struct.json_encode())
    return made.sample(fraction=1, shuffle=True, seed=1)


def test_the_attributes_of_a_requests_own_span_are_compared_too() -> None:
    turn = pl.int_range(pl.len())
    frame = requests(turn % 4 == 1).with_columns(trace_id=pl.format("{}", turn))
    incident, without = diagnosed(frame)
    spans = spans_of(
        frame,
        **{
            "app.tenant": pl.format("tenant-{}", turn % 4),
            "http.response.status_code": pl.col("status").cast(pl.String),
            "telemetry.sdk.name": pl.lit("opentelemetry"),
            "service.version": pl.lit("v7"),
            "request.id": turn.cast(pl.String),
            "session.id": pl.format("session-{}", turn % 4),
            "http.request.header.authorization": pl.format("Bearer {}", turn % 4),
        },
    )
    table = attribute_shares(frame, incident, spans)
    assert explanation(incident, Targets(), table).startswith(
        "Requests with app.tenant tenant-1 explain 100 %"
    )
    assert {*table["attribute"]} - {*without["attribute"]} == {"app.tenant"}


def test_a_field_of_the_log_may_have_the_name_of_what_a_span_says_already() -> None:
    turn = pl.int_range(pl.len())
    extra = pl.concat_str(pl.lit('{"server.name": "web-'), turn % 4, pl.lit('"}'))
    incident, table = diagnosed(requests(turn % 4 == 1).with_columns(extra=extra))
    assert explanation(incident, Targets(), table).startswith("Requests with server.name web-1 explain")


def test_a_field_may_stand_in_an_object_of_the_log() -> None:
    turn = pl.int_range(pl.len())
    extra = pl.concat_str(
        pl.lit('{"kubernetes": {"pod": {"name": "web-'), turn % 4, pl.lit('"}, "of": "shop"}}')
    )
    incident, table = diagnosed(requests(turn % 4 == 1).with_columns(extra=extra))
    assert explanation(incident, Targets(), table).startswith("Requests on pod web-1 explain")


@pytest.mark.parametrize("name", ["authorization", "cookie", "api_key"])
def test_a_secret_in_an_object_of_the_log_is_not_told(name: str) -> None:
    turn = pl.int_range(pl.len()) % 4
    extra = pl.concat_str(pl.lit(f'{{"headers": {{"{name}": "x'), turn, pl.lit('"}}'))
    _, table = diagnosed(requests(turn == 1).with_columns(extra=extra))
    assert not table["attribute"].str.contains(name).any()


def test_requests_without_a_span_are_compared_by_what_the_log_has() -> None:
    frame = requests(CHECKOUT)
    incident, table = diagnosed(frame)
    nobody = pl.DataFrame(schema={"trace_id": pl.String, "attributes": pl.String})
    assert attribute_shares(frame, incident, nobody).equals(table)


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (["/logs/web1.log", "/logs/web2.log"], "Requests in web2.log explain 100 %"),
        (["/logs/web1/access.log", "/logs/web2/access.log"], "Requests in web2/access.log explain 100 %"),
        (["web1.log", "web2.log"], "Requests in web2.log explain 100 %"),
        (["C:\\logs\\web1.log", "C:\\logs\\web2.log"], "Requests in web2.log explain 100 %"),
    ],
)
def test_of_the_logs_of_several_hosts_the_one_that_holds_the_failures_is_said(
    sources: list[str], says: str
) -> None:
    is_second = pl.int_range(pl.len()) % 2 == 1
    first, second = map(pl.lit, sources)
    frame = requests(is_second).with_columns(source=pl.when(is_second).then(second).otherwise(first))
    incident, table = diagnosed(frame)
    assert explanation(incident, Targets(), table).startswith(says)


def test_rotated_logs_of_one_host_are_told_apart_by_nothing_but_time() -> None:
    late = pl.col("start_time") >= START + timedelta(seconds=FAULT_S[0])
    frame = requests(CHECKOUT).with_columns(
        source=pl.when(late).then(pl.lit("access.log")).otherwise(pl.lit("access.log.1"))
    )
    _, table = diagnosed(frame)
    assert table.filter(pl.col("attribute").str.contains("file"), "separates").is_empty()


def test_a_parameter_that_one_endpoint_always_has_does_not_stand_for_it() -> None:
    frame = requests(CHECKOUT).with_columns(query=pl.when(CHECKOUT).then(pl.lit("v=2")).otherwise(None))
    _, table = diagnosed(frame.with_columns(method=pl.lit("GET")))
    assert not {"?v", "path"} & {*table["attribute"]}
    assert "GET /checkout" in table["value"].to_list()


def test_a_parameter_that_is_a_secret_by_its_name_is_no_attribute() -> None:
    _, table = diagnosed(asking(requests(pl.int_range(pl.len()) % 3 == 1)))
    assert "?token" not in table["attribute"].to_list()


@pytest.mark.parametrize("query", ["", "&&=&", "a", "(=1&[=2", "é=1", "a=%ZZ&a=2", "=x"])
def test_a_query_that_is_no_list_of_parameters_stops_nothing(query: str) -> None:
    incident, _ = diagnosed(requests(CHECKOUT))
    found = attribute_shares(requests(CHECKOUT).with_columns(query=pl.lit(query)), incident)
    assert not [name for name in found["attribute"] if name.startswith("?")]


def test_an_id_is_read_where_the_route_has_its_first_brace() -> None:
    frame = pl.DataFrame(
        {
            "route": ["/users/{id}", "/a/{id}/b/{id}", "/plain", "/é/{id}", "/users/{id}", None],
            "path": ["/users/7", "/a/1/b/2", "/plain", "/%C3%A9/4", "/users/", "/x/1"],
        }
    )
    assert up_to_first_id(frame).to_list() == ["/users/7", "/a/1", None, None, "/users/", None]


def test_paths_that_are_always_new_are_no_moved_traffic() -> None:
    (incident,) = find_incidents(rollup_requests(with_posts(requests(CHECKOUT))), Targets())
    assert incident.kind == "errors"


@pytest.mark.parametrize("rolled_up", [False, True])
def test_routes_that_are_too_many_are_told_by_their_beginning(rolled_up: bool) -> None:
    many = with_posts(requests(CHECKOUT))
    rollup = rollup_requests(many)
    (incident,) = find_incidents(rollup, Targets())
    table = attribute_shares(rollup if rolled_up else many, incident)
    assert explanation(incident, Targets(), table).startswith("Requests below /blog explain 100 %")


def test_one_network_is_found_among_more_than_anyone_can_list() -> None:
    draw = np.random.default_rng(2)
    frame = requests(pl.col("client_ip") == "198.51.3.7")
    many = [f"{a}.{b}.{c}.9" for a, b, c in draw.integers(1, 200, (frame.height, 3))]
    own = pl.col("client_ip") == "198.51.3.7"
    crowd = frame.with_columns(client_ip=pl.when(own).then("client_ip").otherwise(pl.Series(many)))
    incident, table = diagnosed(crowd)
    assert table.select("attribute", "value", "separates").row(0) == ("client_network", "198.51.3.0/24", True)
    assert explanation(incident, Targets(), table).startswith("Requests from 198.51.3.0/24 explain")


@pytest.mark.parametrize("rolled_up", [False, True])
@pytest.mark.parametrize(("missing", "found"), [(ANY_SECOND, None), (SEVENTH, "10.0.0.7:8080")])
def test_of_an_outage_it_is_the_missing_requests_that_are_set_apart(
    missing: pl.Expr, found: str | None, rolled_up: bool
) -> None:
    frame = requests(pl.lit(value=False))
    second = pl.col("start_time").dt.epoch("s") - int(START.timestamp())
    lost = second.is_between(*FAULT_S) & missing
    kept = frame.filter(~lost)
    rollup = rollup_requests(kept)
    outage = replace(incident_of_window(rollup), kind="outage", slo=Targets().available)
    table = attribute_shares(rollup if rolled_up else kept, outage).filter("separates")
    assert table["value"].head(1).to_list() == ([found] if found else [])
    assert table["share"].head(1).to_list() == ([pytest.approx(1, abs=0.1)] if found else [])


def incident_of_window(rollup: Rollup) -> Incident:
    start, end = (START + timedelta(seconds=edge) for edge in FAULT_S)
    return find_incidents(rollup, Targets(), incident=Window(start, end))[0]


def test_the_sentence_says_who_explains_how_much() -> None:
    incident, table = diagnosed(requests(CHECKOUT & POST & SEVENTH))
    sentence = explanation(incident, Targets(), table.filter(pl.col("attribute") != "status"))
    assert sentence.startswith("POST /checkout on upstream 10.0.0.7:8080 explains ")
    assert sentence.endswith("of the extra errors.")


def test_a_fault_that_is_everywhere_is_set_apart_by_nothing() -> None:
    incident, table = diagnosed(requests(pl.lit(value=True), share=0.2))
    table = table.filter(pl.col("attribute") != "status")
    assert not table["separates"].any()
    said = "No attribute separates the extra errors from the other requests."
    assert explanation(incident, Targets(), table) == said


def test_shares_of_one_attribute_sum_to_one() -> None:
    _, table = diagnosed(requests(SEVENTH))
    assert table.filter(pl.col("attribute") == "upstream")["share"].sum() == pytest.approx(1, abs=1e-6)


def test_a_rollup_knows_the_same_of_what_it_keeps() -> None:
    frame = requests(SEVENTH)
    incident, table = diagnosed(frame)
    rolled = attribute_shares(rollup_requests(frame), incident)
    first = rolled.filter(pl.col("attribute") != "status").row(0, named=True)
    assert (first["attribute"], first["value"]) == ("upstream", "10.0.0.7:8080")
    for name in ("host", "client_network", "user_agent_family"):
        assert set(rolled.filter(pl.col("attribute") == name)["value"]) == set(
            table.filter(pl.col("attribute") == name)["value"]
        )


def test_of_pairs_a_rollup_knows_endpoint_and_upstream() -> None:
    frame = requests(CHECKOUT & POST & SEVENTH)
    incident, _ = diagnosed(frame)
    rolled = attribute_shares(rollup_requests(frame), incident).filter(pl.col("attribute") != "status")
    first = rolled.row(0, named=True)
    assert (first["attribute"], first["value"]) == ("endpoint & upstream", "POST /checkout & 10.0.0.7:8080")
    # Pairs that say no more than one of their halves are not shown.
    assert rolled.filter(pl.col("attribute") == "endpoint & upstream").height == 1


FROM_API = pl.col("host") == "api.example"


@pytest.mark.parametrize(("fault", "says"), [(POST & FROM_API, True), (SEVENTH, False)])
def test_where_another_pair_might_tell_more_than_a_rollup_that_is_said(fault: pl.Expr, says: bool) -> None:
    frame = requests(fault)
    incident, _ = diagnosed(frame)
    table = attribute_shares(rollup_requests(frame), incident)
    sentence = explanation(incident, Targets(), table, from_rollup=True)
    assert ("a rollup keeps only endpoint and upstream" in sentence) == says


def test_moved_traffic_is_said_to_be_that() -> None:
    incident, table = diagnosed(requests(SEVENTH))
    moved = replace(incident, kind="traffic")
    assert explanation(moved, Targets(), table).startswith(
        "Traffic moved, nothing fails more often than before: "
    )


def test_without_an_excess_there_is_nothing_to_explain() -> None:
    incident, table = diagnosed(requests(SEVENTH))
    assert explanation(replace(incident, excess=0.0), Targets(), table) == "There are no extra errors."


def test_a_measurement_among_the_further_fields_is_no_attribute() -> None:
    told = pl.when(CHECKOUT).then(pl.lit('{"tail": "3.000 MISS", "zone": "b"}')).otherwise(pl.col("extra"))
    _, table = diagnosed(requests(CHECKOUT).with_columns(extra=told))
    assert {"zone", "endpoint"} <= set(table["attribute"])
    assert not table["attribute"].str.contains("tail").any()


def test_a_field_that_only_says_that_a_request_failed_hides_nothing() -> None:
    failed = pl.when(pl.col("status") >= 500).then(pl.lit('{"level": 50}')).otherwise(pl.lit('{"level": 30}'))
    frame = requests(SEVENTH, share=0.3).with_columns(extra=failed)
    incident, table = diagnosed(frame)
    assert "level" not in table["attribute"].to_list()
    assert "on upstream 10.0.0.7:8080" in explanation(incident, Targets(), table)


def test_the_sizes_of_attempts_are_no_attribute() -> None:
    one, two = (json.dumps({"upstream_response_length": size, "zone": "b"}) for size in ("612", "0, 612"))
    told = pl.when(CHECKOUT).then(pl.lit(two)).otherwise(pl.lit(one))
    _, table = diagnosed(requests(CHECKOUT).with_columns(extra=told))
    assert "upstream_response_length" not in table["attribute"].to_list()


@pytest.mark.parametrize("name", ["time", "bad", "requests", "value", "reason", "status", "start_time"])
def test_a_log_may_call_a_field_of_its_own_what_the_counts_are_called(name: str) -> None:
    zone_b = pl.col("extra").str.contains('"zone": "b"')
    frame = requests(zone_b)
    _, table = diagnosed(frame.with_columns(extra=pl.col("extra").str.replace("zone", name, literal=True)))
    assert {"endpoint", "upstream", "id"} <= set(table["attribute"])
    assert table.filter(attribute="id", value="2")["share"].to_list() == [pytest.approx(1, abs=0.05)]


@pytest.mark.parametrize("name", ["\\", '"', 'a\\"b', "a\nb", '"] || $["zone'], ids=ascii)
def test_a_field_whose_name_would_end_a_path_stops_nothing(name: str) -> None:
    frame = requests(SEVENTH).with_columns(extra=pl.lit(json.dumps({name: "x", "it's [*] $.a": "y"})))
    _, table = diagnosed(frame)
    assert table.filter(attribute="upstream", value="10.0.0.7:8080")["share"].item() > 0.9


@pytest.mark.parametrize("value", ["9" * 5000, "1e400", "[" * 990 + "]" * 990], ids=["long", "great", "deep"])
def test_a_field_that_python_cannot_decode_stops_nothing(value: str) -> None:
    frame = requests(SEVENTH).with_columns(extra=pl.lit('{"odd": ' + value + "}"))
    _, table = diagnosed(frame)
    assert table.filter(attribute="upstream", value="10.0.0.7:8080")["share"].item() > 0.9


def test_times_among_the_further_fields_are_no_attribute() -> None:
    minute = pl.col("start_time").dt.strftime('{"logged": "%Y-%m-%dT%H:%M:00Z", "zone": "b"}')
    frame = requests(CHECKOUT)
    _, table = diagnosed(frame.with_columns(extra=minute))
    assert "logged" not in table["attribute"]


def test_a_value_with_hardly_more_of_the_excess_than_of_the_traffic_is_not_worth_a_sentence() -> None:
    incident, table = diagnosed(requests(SEVENTH))
    hardly = table.filter("separates").head(1).with_columns(share=pl.lit(0.011), separation=pl.lit(0.008))
    assert explanation(incident, Targets(), hardly) == (
        "No attribute separates the extra errors from the other requests."
    )


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_value_that_holds_the_separator_of_pairs_is_one_value(share: float) -> None:
    is_theirs = pl.int_range(pl.len()) % 4 == 1
    extra = pl.when(is_theirs).then(pl.lit('{"tenant": "R & D"}')).otherwise(pl.lit('{"tenant": "Sales"}'))
    incident, table = diagnosed(requests(is_theirs, share).with_columns(extra=extra))
    assert explanation(incident, Targets(), table).startswith("Requests with tenant R & D explain 100 %")


def test_a_field_whose_name_holds_the_separator_of_pairs_is_no_attribute() -> None:
    extra = pl.when(CHECKOUT).then(pl.lit('{"a & b": "1"}')).otherwise(pl.lit('{"a & b": "2"}'))
    _, table = diagnosed(requests(CHECKOUT).with_columns(extra=extra))
    assert "a & b" not in {*table["attribute"]}


@pytest.mark.parametrize("text", ["oops", "", "null", "3", "[1, 2]", '{"zone": "a'])
def test_text_that_is_no_json_object_has_no_fields(text: str) -> None:
    is_theirs = pl.int_range(pl.len()) % 4 == 1
    extra = pl.when(is_theirs).then(pl.lit('{"tenant": "acme"}')).otherwise(pl.lit(text))
    incident, table = diagnosed(requests(is_theirs).with_columns(extra=extra))
    assert explanation(incident, Targets(), table).startswith("Requests with tenant acme explain 100 %")
