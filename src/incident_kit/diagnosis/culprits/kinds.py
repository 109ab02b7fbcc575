"""The kind of each dependency. Whatever records spans is a service; the calls tell the kind of the others."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.measure.calls.segments import Segments

DATABASES = frozenset({
    "cassandra", "clickhouse", "cockroachdb", "couchbase", "couchdb", "db2", "dynamodb", "elasticsearch",
    "firebird", "hbase", "hive", "influxdb", "mariadb", "memcached", "mongodb", "mssql", "mysql", "neo4j",
    "opensearch", "oracle", "postgres", "postgresql", "redis", "redshift", "snowflake", "sqlite", "tidb",
})  # fmt: skip
"""Names of database systems (OpenTelemetry's `db.system.name`), for sources that give only names."""


def kinds(found: Segments, graph: CallGraph) -> list[str]:
    """Return the kind of each name: service, database, upstream (called over the network) or unknown."""
    names, callee = len(graph.names), graph.callee[graph.calls.edge]
    services = np.bincount(graph.segments.operation_service, minlength=names) > 0
    databases, peers = (
        np.bincount(callee[marked], minlength=names) > 0
        for marked in (found.calls.database, found.calls.named_by_peer)
    )

    def kind(number: int, name: str) -> str:
        if services[number]:
            return "service"
        if databases[number] or name.partition(" ")[0].lower() in DATABASES:
            return "database"
        return "upstream" if peers[number] else "unknown"

    return [kind(number, name) for number, name in enumerate(graph.names)]
