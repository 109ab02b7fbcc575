"""Which dependency is at fault: systems with a known fault, and systems with none."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy import simulated_traces as sim
from incident_kit.diagnosis.causes.dependencies import (
    DEPENDENCIES,
    rank_dependencies,
    ranked_dependencies,
)
from incident_kit.diagnosis.culprits.pieces import FEWER_CALLS
from incident_kit.diagnosis.culprits.sentences import NOTHING
from incident_kit.errors import SchemaError
from incident_kit.schema import SPANS, conform, empty
from incident_kit.window import Window
from incident_kit.wording import UNEXPLAINED
from tests.laws import examples

BEFORE = Window(sim.EPOCH, sim.EPOCH + timedelta(seconds=100))
DURING = Window(sim.EPOCH + timedelta(seconds=100), sim.EPOCH + timedelta(seconds=200))


def shop(**how: object) -> object:
    """gateway -> shop -> catalogue, cart, payments; the last two use a database that records no spans."""
    operation = sim.Operation
    query, charge = operation("db", "SELECT carts", 4), operation("db", "INSERT charges", 3)
    catalogue = operation("catalogue", "GET /products", 6)
    cart = operation("cart", "GET /cart", 5, [[(query, 1)], [(catalogue, 1)]])
    payments = operation("payments", "POST /charge", 8, [[(charge, 1)]])
    browse = operation("shop", "GET /browse", 4, [[(catalogue, 1)], [(cart, 0.5)]])
    buy = operation("shop", "POST /checkout", 6, [[(cart, 1)], [(payments, 1)], [(catalogue, 0.5)]])
    entries = [
        (operation("gateway", "GET /", 1, [[(browse, 1)]]), 2),
        (operation("gateway", "POST /", 1, [[(buy, 1)]]), 1),
    ]
    return sim.System(entries, frozenset({"db"}), **how)


@cache
def without_faults(labelled: bool, seed: int) -> pl.DataFrame:
    return sim.simulate(shop(labelled=labelled), 100, 3, seed=seed, offset_s=0)


def spans(*faults: object, seed: int = 1, labelled: bool = True, clock: object | None = None) -> pl.DataFrame:
    """A hundred seconds without, and then a hundred with the faults."""
    acting = [*faults, *([] if clock is None else [clock])]
    during = sim.simulate(shop(labelled=labelled), 100, 3, acting, seed=seed + 1000, offset_s=100)
    return pl.concat([without_faults(labelled, seed), during])


def rank(*faults: object, **how: object) -> pl.DataFrame:
    return rank_dependencies(spans(*faults, **how), DURING, BEFORE)


FAULTS = [
    sim.Fault("cpu", "cart", 6),
    sim.Fault("cpu", "gateway", 20),
    sim.Fault("delay", "payments", 60),
    sim.Fault("delay", "db", 50),
    sim.Fault("slow-egress", "cart", 40),
    sim.Fault("slow-ingress", "catalogue", 40),
    sim.Fault("abort", "payments", 0.5),
    sim.Fault("exception", "catalogue", 0.4),
    sim.Fault("killed", "catalogue", 1),
    sim.Fault("killed", "payments", 1),
]
LABELLED_ONLY = {"exception"}


@pytest.mark.parametrize("labelled", [True, False], ids=["labelled", "neither kind nor status"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind} of {fault.service}")
def test_the_service_at_fault_is_first_and_stated(fault: object, labelled: bool) -> None:
    if not labelled and fault.kind in LABELLED_ONLY:
        pytest.skip("an error that nobody marks leaves nothing at its origin")
    ranking = rank(fault, labelled=labelled)
    assert ranking["name"][0] == fault.service, ranking
    assert ranking.filter("stated")["name"].to_list() == [fault.service]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_service_that_fails_one_call_in_ten_is_stated_of_the_few_requests_that_fail(seed: int) -> None:
    ranking = rank(sim.Fault("exception", "payments", 0.1), seed=seed)
    assert ranking.filter("stated")["name"].to_list() == ["payments"]


@pytest.mark.parametrize(
    "fault",
    [
        sim.Fault("slow-ingress", "catalogue", 40),
        sim.Fault("slow-ingress", "payments", 40),
        sim.Fault("delay", "cart", 40),
        sim.Fault("cpu", "shop", 10),
        sim.Fault("killed", "catalogue", 1),
        sim.Fault("killed", "payments", 1),
        sim.Fault("abort", "cart", 1),
    ],
    ids=lambda fault: f"{fault.kind} of {fault.service}",
)
def test_who_is_at_fault_is_known_where_services_record_only_what_they_serve(fault: object) -> None:
    system = shop(labelled=False, client_spans=False)
    before = sim.simulate(system, 100, 3, seed=5, offset_s=0)
    during = sim.simulate(system, 100, 3, [fault], seed=1005, offset_s=100)
    ranking = rank_dependencies(pl.concat([before, during]), DURING, BEFORE)
    assert ranking["name"][0] == fault.service, ranking
    assert set(ranking.filter("stated")["name"]) <= {fault.service}


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_stated_where_nothing_happened(seed: int) -> None:
    assert not rank(seed=seed)["stated"].any()


@pytest.mark.parametrize(
    ("fault", "first"),
    [
        (sim.Fault("cpu", "cart", 6), {"own_time"}),
        (sim.Fault("slow-ingress", "catalogue", 40), {"waits_to_it"}),
        (sim.Fault("exception", "catalogue", 0.4), {"own_failures"}),
        (sim.Fault("early-return", "cart", 0.8), FEWER_CALLS | {"early_returns"}),
    ],
    ids=lambda case: getattr(case, "kind", None),
)
def test_the_ranking_tells_which_evidence_a_cause_rests_on(fault: object, first: set[str]) -> None:
    ranking = ranked_dependencies(spans(fault), DURING, BEFORE)
    assert ranking.pieces[fault.service][0] in first
    nothing = ranking.table.filter(evidence=NOTHING)["name"].to_list()
    assert {name for name, pieces in ranking.pieces.items() if not pieces} == set(nothing)


def test_a_service_that_answers_early_is_blamed_and_not_those_it_stops_calling() -> None:
    ranking = rank(sim.Fault("early-return", "cart", 0.8))
    assert ranking["name"][0] == "cart"
    assert "fewer of its requests go on to" in ranking["evidence"][0]
    assert ranking.filter("stated")["name"].to_list() == ["cart"]


@pytest.mark.parametrize("labelled", [True, False])
def test_a_service_that_calls_nobody_and_answers_early_is_found_by_the_work_it_leaves_out(
    labelled: bool,
) -> None:
    ranking = rank(sim.Fault("early-return", "catalogue", 0.6), labelled=labelled)
    assert ranking["name"][0] == "catalogue", ranking
    assert "end early, without what it always did" in ranking["evidence"][0]


def test_a_callee_whose_answer_stops_its_caller_is_blamed_for_the_calls_that_follow() -> None:
    ranking = rank(sim.Fault("bad-answer", "cart", 0.7))
    assert ranking["name"][0] == "cart", ranking


def test_a_call_that_always_fails_hides_nothing_about_its_caller() -> None:
    always = [sim.Fault("abort", "db", 1)]
    before = sim.simulate(shop(), 100, 3, always, seed=1, offset_s=0)
    during = sim.simulate(shop(), 100, 3, [*always, sim.Fault("cpu", "cart", 10)], seed=2, offset_s=100)
    ranking = rank_dependencies(pl.concat([before, during]), DURING, BEFORE)
    assert ranking["name"][0] == "cart", ranking


@pytest.mark.parametrize(("usual", "now"), [(1, 20), (0, 1)], ids=["many more", "new"])
def test_a_service_that_makes_more_calls_for_the_same_is_stated_and_not_whom_it_calls(
    usual: int, now: int
) -> None:
    def listing(calls: int) -> object:
        query, price = sim.Operation("db", "SELECT price", 4), sim.Operation("stock", "GET /stock", 5)
        cart = sim.Operation("cart", "GET /cart", 5, [[(price, 1)], *[[(query, 1)]] * calls])
        return sim.System([(sim.Operation("gateway", "GET /", 1, [[(cart, 1)]]), 1)], frozenset({"db"}))

    sides = [
        sim.simulate(listing(calls), 100, 3, seed=seed, offset_s=100.0 * seed)
        for seed, calls in enumerate((usual, now))
    ]
    ranking = rank_dependencies(pl.concat(sides), DURING, BEFORE)
    assert ranking.filter("stated")["name"].to_list() == ["cart"]
    said = f"its calls to db (call SELECT price) grew from {usual} to {now} a request"
    assert said in ranking["evidence"][0]


def test_a_retry_of_what_fails_is_no_added_call() -> None:
    failing = rank(sim.Fault("abort", "payments", 0.5))
    assert not failing["evidence"].str.contains("grew from . to").any()


def test_two_causes_are_the_first_two_and_neither_stands_for_both() -> None:
    ranking = rank(sim.Fault("delay", "payments", 80), sim.Fault("delay", "catalogue", 80))
    assert set(ranking["name"][:2]) == {"payments", "catalogue"}


def without_client_spans(*faults: object) -> pl.DataFrame:
    how = {"client_spans": False, "labelled": True}
    before = sim.simulate(shop(**how), 100, 3, seed=1, offset_s=0)
    during = sim.simulate(shop(**how), 100, 3, list(faults), seed=1001, offset_s=100)
    return rank_dependencies(pl.concat([before, during]), DURING, BEFORE)


@pytest.mark.parametrize(("kind", "size"), [("killed", 1), ("abort", 0.5)])
def test_where_calls_leave_no_span_the_service_that_is_missing_is_blamed_for_its_callers_failures(
    kind: str, size: float
) -> None:
    ranking = without_client_spans(sim.Fault(kind, "payments", size))
    assert ranking["name"][0] == "payments"
    assert "shop" not in ranking.filter("stated")["name"]


def some_calls(number: int, draw: Random, *, gone: bool = False, early: bool = False) -> pl.DataFrame:
    """One trace of shop, which asks users and then stock, each now and then; no span has a kind or a status.

    What users does not answer (`gone`) ends the request; one that ends `early` asks nobody.
    """
    asks = [name for name, often in (("users", 0.6), ("stock", 0.7)) if draw.random() < often and not early]
    rows, at = [], 2.0
    for name in asks:
        rows.append((f"call {name}", "shop", "shop", "GET", at, 5.0))
        if gone and name == "users":
            break
        rows.append((name, f"call {name}", name, f"GET /{name}", at + 1, 3.0))
        at += 6
    rows.append(("shop", None, "shop", "POST /", 0.0, at + draw.uniform(1, 2)))
    own, parent, service, name, start, length = map(list, zip(*rows, strict=True))
    return pl.DataFrame({
        "trace_id": f"{number:032x}", "span_id": own, "parent_span_id": pl.Series(parent, dtype=pl.String),
        "service": service, "name": name, "duration_ms": length,
        "start": [sim.EPOCH + timedelta(seconds=number / 4, milliseconds=each) for each in start],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "blamed"),
    [({"gone": True}, "users"), ({"early": True}, "shop")],
    ids=["killed", "early return"],
)
def test_of_calls_that_vanish_the_one_gone_altogether_is_why_others_are_fewer(
    fault: dict[str, bool], blamed: str
) -> None:
    draw = Random(1)
    traces = [some_calls(n, draw, **(fault if n >= 400 else {})) for n in range(800)]
    ranking = rank_dependencies(conform(pl.concat(traces), SPANS), DURING, BEFORE)
    assert ranking.row(0, named=True)["name"] == blamed, ranking
    assert ranking["stated"][0]


def test_one_service_with_a_slow_way_in_stands_before_the_two_beside_it() -> None:
    draw = Random(1)
    traces = [chain(n, draw, late_ms=30 if n >= 100 else 0) for n in range(200)]
    ranking = rank_dependencies(conform(pl.concat(traces), SPANS), DURING, BEFORE)
    assert ranking["name"][0] == "b"


def calls_one_by_one(number: int, draw: Random, late: dict[str, float]) -> pl.DataFrame:
    """One trace of a service that makes four calls, two of them to a database; some are `late` to arrive."""
    rows, at = [], 2.0
    for callee in ("cart", "price", "SELECT", "INSERT"):
        wait, took = draw.uniform(0.5, 1) + late.get(callee, 0.0), draw.uniform(4, 6)
        if callee in ("cart", "price"):
            rows.append((f"to {callee}", "shop", "shop", "client", None, at, wait + took + 0.5))
            rows.append((callee, f"to {callee}", callee, "server", None, at + wait, took))
        else:
            rows.append((callee, "shop", "shop", "client", "db", at, wait + took))
        at += wait + took + draw.uniform(1, 2)
    columns = ["span_id", "parent_span_id", "service", "kind", "peer", "at", "duration_ms"]
    trace = pl.DataFrame([("shop", None, "shop", "server", None, 0.0, at), *rows], columns, orient="row")
    start = sim.EPOCH + timedelta(seconds=number)
    return trace.select(
        pl.exclude("at"),
        trace_id=pl.lit(f"{number:032x}"),
        name="span_id",
        start=pl.lit(start) + pl.duration(microseconds=pl.col("at") * 1000),
    )


@pytest.mark.parametrize(
    ("late", "culprit"),
    [
        (("cart", "price"), "shop"),
        (("cart", "price", "SELECT", "INSERT"), "shop"),
        (("cart",), "cart"),
    ],
    ids=["all calls to services", "all calls", "those to one service"],
)
def test_who_is_late_to_call_all_services_is_at_fault_though_its_database_is_in_time(
    late: tuple[str, ...], culprit: str
) -> None:
    draw = Random(1)
    traces = [calls_one_by_one(n, draw, dict.fromkeys(late if n >= 100 else (), 300.0)) for n in range(200)]
    ranking = rank_dependencies(conform(pl.concat(traces), SPANS), DURING, BEFORE)
    assert ranking.filter("stated")["name"].to_list() == [culprit], ranking


def chain(number: int, draw: Random, late_ms: float) -> pl.DataFrame:
    """One trace of a -> b -> c, a second after the last one, in which all that reaches b is late."""
    names = ["a", "call b", "b", "call c", "c"]
    ways_in = [late_ms + draw.uniform(0.5, 1), draw.uniform(0.5, 1)]
    ways_back = [draw.uniform(0.5, 1), late_ms + draw.uniform(0.5, 1)]
    steps_in = [draw.uniform(2, 3), ways_in[0], draw.uniform(2, 3), ways_in[1]]
    steps_back = [draw.uniform(2, 3), ways_back[0], draw.uniform(2, 3), ways_back[1]]
    starts = [sum(steps_in[:depth]) for depth in range(5)]
    done = starts[-1] + draw.uniform(4, 6)
    ends = [done + sum(steps_back[depth:]) for depth in range(5)]
    return pl.DataFrame({
        "trace_id": f"{number:032x}",
        "span_id": names,
        "parent_span_id": [None, *names[:-1]],
        "service": ["a", "a", "b", "b", "c"],
        "name": names,
        "kind": ["server", "client", "server", "client", "server"],
        "start": [sim.EPOCH + timedelta(seconds=number, milliseconds=start) for start in starts],
        "duration_ms": [end - start for start, end in zip(starts, ends, strict=True)],
    })  # fmt: skip


@pytest.mark.parametrize("ahead_ms", [-500.0, 30.0])
@pytest.mark.parametrize(
    "fault", [sim.Fault("slow-egress", "cart", 40), sim.Fault("slow-ingress", "catalogue", 40)]
)
def test_a_clock_that_was_set_between_baseline_and_incident_changes_nothing(
    fault: object, ahead_ms: float
) -> None:
    ranking = rank(fault, clock=sim.Fault("clock-shift", fault.service, ahead_ms))
    assert ranking["name"][0] == fault.service, ranking


def test_a_dependency_without_spans_is_named_by_its_peer_with_the_statement_that_waits() -> None:
    first = rank(sim.Fault("delay", "db", 50)).row(0, named=True)
    assert first["name"] == "db"
    assert "calls to it from" in first["evidence"]
    assert "where they took" in first["evidence"]


def test_every_service_is_a_row_and_what_nothing_explains_is_the_last() -> None:
    ranking = rank(sim.Fault("delay", "payments", 60))
    assert set(ranking["name"]) == {"gateway", "shop", "catalogue", "cart", "payments", "db", UNEXPLAINED}
    assert ranking["name"][-1] == UNEXPLAINED
    assert ranking.schema == pl.Schema(DEPENDENCIES)
    assert ranking["score"].is_sorted(descending=True)
    assert ranking["score"].is_between(0, 1).all()


@pytest.mark.parametrize(
    ("fault", "kind", "owner"),
    [
        (sim.Fault("delay", "payments", 60), "latency", "payments"),
        (sim.Fault("exception", "catalogue", 0.4), "errors", "catalogue"),
        (sim.Fault("killed", "payments", 1), "errors", "payments"),
    ],
)
def test_shares_divide_the_excess_without_remainder(fault: object, kind: str, owner: str) -> None:
    ranking = rank_dependencies(spans(fault), DURING, BEFORE, kind=kind)
    assert ranking["share"].sum() == pytest.approx(1, abs=1e-6)
    share, low, high = ranking.filter(pl.col("name") == owner).select("share", "low", "high").row(0)
    assert share == pytest.approx(1, abs=0.1)
    assert low <= share <= high


def test_the_parts_of_a_request_sum_to_its_duration_so_nothing_is_unexplained() -> None:
    ranking = rank(sim.Fault("cpu", "cart", 6))
    assert ranking["share"][-1] == pytest.approx(0, abs=1e-6)


def test_without_an_excess_all_shares_are_zero_and_the_last_row_says_why() -> None:
    faster = spans(sim.Fault("delay", "payments", 60))
    ranking = rank_dependencies(faster, BEFORE, DURING)
    assert (ranking["share"] == 0).all()
    assert "no excess to divide" in ranking["evidence"][-1]


def test_a_baseline_after_the_incident_and_one_of_several_windows_serve_as_well() -> None:
    given = spans(sim.Fault("delay", "payments", 60))
    middle = BEFORE.start + timedelta(seconds=50)
    parts = [Window(BEFORE.start, middle), Window(middle, BEFORE.end)]
    whole = rank_dependencies(given, DURING, BEFORE)
    assert rank_dependencies(given, DURING, parts).equals(whole)


def test_spans_without_a_name_are_ranked_like_others() -> None:
    nameless = spans(sim.Fault("cpu", "cart", 6)).with_columns(name=pl.lit(None, dtype=pl.String))
    assert rank_dependencies(nameless, DURING, BEFORE)["name"][0] == "cart"


@given(seed=st.integers(0, 2**16))
@examples(3)
def test_the_order_of_the_spans_and_spans_delivered_twice_change_nothing(seed: int) -> None:
    original = spans(sim.Fault("delay", "payments", 60))
    shuffled = pl.concat([original, original.sample(100, seed=seed)]).sample(
        fraction=1, shuffle=True, seed=seed
    )
    one, other = (rank_dependencies(frame, DURING, BEFORE) for frame in (original, shuffled))
    assert one["name"].to_list() == other["name"].to_list()
    assert one["stated"].to_list() == other["stated"].to_list()
    assert one["score"].to_list() == pytest.approx(other["score"].to_list())
    assert one["share"].to_list() == pytest.approx(other["share"].to_list())


def test_no_spans_in_the_windows_leave_one_row_that_says_so() -> None:
    ranking = rank_dependencies(empty(SPANS), DURING, BEFORE)
    assert ranking.select("name", "stated", "evidence").rows() == [
        (UNEXPLAINED, False, "no spans in the windows")
    ]


@pytest.mark.parametrize("missing", [BEFORE, DURING])
def test_a_window_without_traces_states_nothing(missing: Window) -> None:
    given = spans(sim.Fault("delay", "payments", 60)).filter(~missing.covers("start"))
    ranking = rank_dependencies(given, DURING, BEFORE)
    assert not ranking["stated"].any()
    assert (ranking["share"] == 0).all()


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(SchemaError, match="type"):
        rank_dependencies(spans().with_columns(duration_ms=pl.lit("long")), DURING, BEFORE)
