"""What kind of thing a dependency is: one that records spans is a service; others are told by the calls."""

from __future__ import annotations

from incident_kit.measure.segments import Segments

DATABASES = frozenset({
    "cassandra", "clickhouse", "cockroachdb", "couchbase", "couchdb", "db2", "dynamodb", "elasticsearch",
    "firebird", "hbase", "hive", "influxdb", "mariadb", "memcached", "mongodb", "mssql", "mysql", "neo4j",
    "opensearch", "oracle", "postgres", "postgresql", "redis", "redshift", "snowflake", "sqlite", "tidb",
})  # fmt: skip
"""Names of database systems (OpenTelemetry's `db.system.name`), for sources that give only names."""


def kinds(found: Segments, names: list[str]) -> list[str]:
    """Return the kind of each name: service, database, upstream (called over the network), unknown."""
    services = set(found.segments["service"].unique())
    databases, peers = (
        set(found.calls.select("callee", told).filter(told)["callee"].unique())
        for told in ("database", "named_by_peer")
    )

    def kind(name: str) -> str:
        if name in services:
            return "service"
        if name in databases or name.lower() in DATABASES:
            return "database"
        return "upstream" if name in peers else "unknown"

    return [kind(name) for name in names]
