"""Databases of one system are told apart by their addresses; replicas and shards are one database."""

from __future__ import annotations

import orjson
import polars as pl
import pytest

from incident_kit.measure.spans.database_names import with_database_names
from incident_kit.schema import SPANS, conform

Statement = tuple[str, str, dict[str, str]]


def named(*statements: Statement, system: str = "mongodb", peer: str | None = None) -> list[str | None]:
    """Return the peers of statements: of which service, with which name and attributes."""
    rows = [
        {
            "trace_id": "1",
            "span_id": str(number),
            "service": service,
            "name": name,
            "peer": peer or system,
            "attributes": orjson.dumps({"db.system.name": system, **attributes}).decode(),
        }
        for number, (service, name, attributes) in enumerate(statements)
    ]
    spans = conform(pl.DataFrame(rows), SPANS)
    return with_database_names(spans)["peer"].to_list()


def at(address: str, **more: str) -> dict[str, str]:
    return {"server.address": address, **{name.replace("_", "."): value for name, value in more.items()}}


def test_databases_of_one_system_are_named_by_their_address() -> None:
    carts, users = ("carts", "find cart", at("carts-db")), ("user", "find customers", at("user-db"))
    assert named(carts, users, carts) == ["mongodb carts-db", "mongodb user-db", "mongodb carts-db"]


def test_databases_of_one_caller_are_told_apart_by_its_statements() -> None:
    primary = [("shop", name, at("primary")) for name in ("BEGIN", "INSERT orders", "UPDATE stock", "COMMIT")]
    replica = [("shop", name, at("replica")) for name in ("BEGIN", "SELECT products", "SELECT prices")]
    assert set(named(*primary, *replica)) == {"mongodb primary", "mongodb replica"}


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([("carts", "find cart", at("carts-db"))] * 2, id="a single one"),
        pytest.param([("carts", "find cart", at(f"10.0.0.{n}")) for n in range(3)], id="nodes of a cluster"),
        pytest.param([("carts", "find", {}), ("user", "find", {})], id="no address"),
        pytest.param([(f"s{n}", f"q{n}", at(f"10.0.{n}.1")) for n in range(150)], id="too many to know"),
    ],
)
def test_a_database_keeps_the_name_of_its_system(statements: list[Statement]) -> None:
    assert set(named(*statements)) == {"mongodb"}


def test_a_declared_name_is_kept() -> None:
    statements = [("carts", "find cart", at("carts-db")), ("user", "find customers", at("user-db"))]
    assert set(named(*statements, peer="ledger")) == {"ledger"}


def test_a_database_with_several_addresses_is_named_by_what_they_have_in_common() -> None:
    shards = [("feed", "SELECT feed", at(f"feed.{zone}", db_namespace="feed")) for zone in "ab"]
    other = ("graph", "SELECT follows", at("graph.a", db_namespace="graph"))
    assert named(*shards, other) == ["mongodb feed", "mongodb feed", "mongodb graph.a"]
    nameless = [("feed", "SELECT feed", at(f"feed.{zone}")) for zone in "abc"]
    assert named(*nameless, other)[0] == "mongodb feed.a and 2 more"


def test_without_an_address_the_namespace_tells_databases_apart() -> None:
    statements = [(one, f"SELECT {one}", {"db.name": f"{one}s"}) for one in ("order", "user")]
    assert named(*statements, system="mysql") == ["mysql orders", "mysql users"]


def test_a_table_of_dynamodb_is_a_database_of_its_own() -> None:
    host = "dynamodb.eu-west-1.amazonaws.com"
    tables = [("fn", "GetItem", at(host) | {"aws.dynamodb.table_names": table}) for table in ('["a"]', "b")]
    assert named(*tables, system="dynamodb") == ["dynamodb a", "dynamodb b"]
