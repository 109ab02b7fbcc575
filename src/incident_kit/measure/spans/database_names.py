"""Tell the databases of one system apart: the peer `mongodb` becomes `mongodb carts-db`, `mongodb user-db`.

The peer of a statement is the database's system, because addresses change and few people know them. Where a
system is used for several databases, that name says too little: a slow `carts-db` is one of five `mongodb`.
So each database gets its address as well, or its namespace, or its table for DynamoDB, where each table has a
capacity of its own.

Replicas, shards and the nodes of a cluster are one database with several addresses. They are known by their
callers, which send the same statements to each of them:

    caller    statement        address
    carts     find cart        carts-db        a database of its own
    user      find customers   user-db         another one
    orders    find order       10.0.0.1
    orders    find order       10.0.0.2        the same one, at two addresses
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import polars as pl

from incident_kit.schema import attribute

SYSTEM = ("db.system.name", "db.system", "db.type")
TABLE = ("aws.dynamodb.table_names",)
ADDRESS = (
    "server.address", "net.peer.name", "peer.hostname", "network.peer.address", "net.peer.ip",
    "net.sock.peer.addr", "peer.address", "peer.ipv4",
)  # fmt: skip
NAMESPACE = ("db.namespace", "db.name", "db.instance")
COLLECTION = ("db.collection.name", "db.sql.table", "db.mongodb.collection")
"""Attributes by what they say, the best name first (OpenTelemetry's names, older ones, and OpenTracing's)."""

ALIKE = 0.5
"""Two addresses are one database if a caller sends at least this part of its different statements to both. It
is the part of the address that gets fewer of them. `BEGIN` and `COMMIT` go to every database."""

MAX_ADDRESSES = 100
"""With more addresses than this in a system, an address is not a name that anybody knows."""


def with_database_names(spans: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS in which the peers of a system with several databases name the database as well."""
    systems = _systems(spans)
    if not systems:
        return spans
    rows = spans.select("service", "name", "peer", "attributes").with_row_index("row")
    rows = rows.filter(pl.col("peer").is_in(systems))
    known = rows.select("attributes").unique().with_columns(_told(rows["attributes"]))
    rows = rows.join(known, on="attributes", how="left", maintain_order="left")
    names = _names(rows.drop("row", "attributes").unique().drop_nulls("at"))
    if names.is_empty():
        return spans
    named = rows.join(names, on=["peer", "at"])
    return spans.with_columns(spans["peer"].scatter(named["row"], named["database"]))


def _systems(spans: pl.DataFrame) -> list[str]:
    """Return the peers that are the system of a database."""
    samples = (
        spans.select("peer", "attributes").drop_nulls().group_by("peer").agg(pl.col("attributes").first())
    )
    of_database = pl.any_horizontal(attribute(name) == pl.col("peer") for name in SYSTEM)
    has_table = pl.any_horizontal(attribute(name).is_not_null() for name in TABLE)
    return samples.filter((of_database | has_table).fill_null(value=False))["peer"].sort().to_list()


def _told(attributes: pl.Series) -> list[pl.Expr]:
    """Return what the attributes of statements tell: `at` (table, address or namespace) and the details."""
    # A name that is absent costs only a part of this one scan.
    members = [f'"{name}":' for name in (*TABLE, *ADDRESS, *NAMESPACE, *COLLECTION)]
    present = attributes.str.extract_many(members).explode().unique().str.strip_chars('":').to_list()

    def first_of(names: Iterable[str]) -> pl.Expr:
        return pl.coalesce(*(attribute(name) for name in names if name in present), pl.lit(None, pl.String))

    table = first_of(TABLE).str.strip_chars('[]"')
    return [
        pl.coalesce(table, first_of(ADDRESS), first_of(NAMESPACE)).alias("at"),
        first_of(NAMESPACE).alias("namespace"),
        pl.coalesce(table, first_of(COLLECTION)).alias("collection"),
    ]


def _names(statements: pl.DataFrame) -> pl.DataFrame:
    """Return peer, at and `database` (its name), of the systems that have several databases.

    `statements`: the distinct rows [service, name, peer, at, namespace, collection].
    """
    named: list[tuple[str, str, str]] = []
    for (system,), of_system in statements.group_by("peer", maintain_order=True):
        databases = _databases(of_system) if of_system["at"].n_unique() <= MAX_ADDRESSES else []
        for database in databases if len(databases) > 1 else []:
            name = f"{system} {_name(database, of_system)}"
            named += [(str(system), address, name) for address in database]
    return pl.DataFrame(named, schema=dict.fromkeys(("peer", "at", "database"), pl.String), orient="row")


def _databases(statements: pl.DataFrame) -> list[list[str]]:
    """Return the addresses of each database of one system, sorted."""
    sent: dict[str, dict[str, set[tuple[object, ...]]]] = {}
    for caller, address, *statement in statements.select(
        "service", "at", "name", "namespace", "collection"
    ).iter_rows():
        sent.setdefault(caller, {}).setdefault(address, set()).add(tuple(statement))
    of = {address: frozenset({address}) for address in statements["at"].unique()}
    for by_address in sent.values():
        for one, other in combinations(by_address, 2):
            if of[one] != of[other] and _are_alike(by_address, one, other):
                both = of[one] | of[other]
                of |= dict.fromkeys(both, both)
    return sorted(sorted(addresses) for addresses in set(of.values()))


def _are_alike(sent: Mapping[str, set[tuple[object, ...]]], one: str, other: str) -> bool:
    fewer = min(len(sent[one]), len(sent[other]))
    return len(sent[one] & sent[other]) >= ALIKE * fewer


def _name(addresses: list[str], statements: pl.DataFrame) -> str:
    """Return the address of a database, or, if it has several, the namespace that only it has."""
    if len(addresses) == 1:
        return addresses[0]
    theirs = pl.col("at").is_in(addresses)
    inside, outside = (statements.filter(which)["namespace"].unique() for which in (theirs, ~theirs))
    if len(inside) == 1 and inside[0] is not None and inside[0] not in outside:
        return str(inside[0])
    return f"{addresses[0]} and {len(addresses) - 1} more"
