"""Queries to PostgreSQL, each with its client span."""

from __future__ import annotations

from typing import Any

from opentelemetry.trace import SpanKind
from psycopg import Error
from psycopg_pool import AsyncConnectionPool

from fault_lab.ports import LOOPBACK
from fault_lab.postgres import ROLE
from fault_lab.services.telemetry import Telemetry, mark_failed

# How long a request waits for a free connection before it gives up (psycopg_pool.PoolTimeout).
POOL_TIMEOUT_S = 3.0


class Database:
    """One service's database, through a pool that is filled once and keeps its size."""

    def __init__(self, telemetry: Telemetry, port: int, name: str, connections: int) -> None:
        self._tracer = telemetry.tracer
        self._name, self._port = name, port
        self._pool = AsyncConnectionPool(
            min_size=connections,
            # A service without a database has a pool, too, and never opens it.
            max_size=max(connections, 1),
            timeout=POOL_TIMEOUT_S,
            open=False,
            kwargs={
                # The name that a trace shows, and the address that it stands for.
                "host": "postgresql.lab",
                "hostaddr": LOOPBACK,
                "port": port,
                "dbname": name,
                "user": ROLE,
                "autocommit": True,
            },
        )

    async def open(self) -> None:
        """Fill the pool."""
        await self._pool.open(wait=True)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def query(self, summary: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Give the rows of one statement; `summary` is its operation and table, such as `SELECT items`.

        The wait for a free connection lies outside the span: it is the service's time, not the server's.
        """
        operation, table = summary.split(" ", 1)
        attributes: dict[str, str | int] = {
            "db.system.name": "postgresql",
            "db.namespace": self._name,
            "db.operation.name": operation,
            "db.collection.name": table,
            "db.query.summary": summary,
            "server.address": "postgresql.lab",
            "server.port": self._port,
        }
        async with self._pool.connection() as connection:
            with self._tracer.start_as_current_span(
                summary, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False
            ) as span:
                try:
                    cursor = await connection.execute(statement, values)
                    return await cursor.fetchall() if cursor.description else []
                except Error as error:
                    mark_failed(span, error.sqlstate or type(error).__name__)
                    raise

    async def hold_connection(self, statement: str, *values: Any) -> None:
        """Keep one connection busy with a statement that nobody traces."""
        async with self._pool.connection() as connection:
            await connection.execute(statement, values)
