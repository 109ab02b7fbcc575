"""A PostgreSQL of the lab's own: a fresh data directory, one loopback port, one database a service."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from fault_lab.errors import LabError
from fault_lab.ports import LOOPBACK, free_port
from fault_lab.processes import running, start
from fault_lab.tools import find_tool

# PostgreSQL refuses to run as root; this account comes with its Debian package.
ACCOUNT = "postgres"
ROLE = "lab"
# The data is thrown away afterwards, so no answer need wait for the disk; the disk's moods stay out of
# the recording.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "120",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}
SCHEMAS = {
    "catalogue": """
        CREATE TABLE items (id int PRIMARY KEY, name text NOT NULL, price_cents int NOT NULL);
        INSERT INTO items SELECT n, 'item ' || n, 100 + n * 7 % 9900 FROM generate_series(1, 500) n;
        ANALYZE;
    """,
    "cart": """
        CREATE TABLE carts (id int PRIMARY KEY, viewed_at timestamptz NOT NULL DEFAULT now());
        CREATE TABLE cart_items
            (cart_id int, item_id int, quantity int NOT NULL, PRIMARY KEY (cart_id, item_id));
        INSERT INTO carts SELECT n FROM generate_series(1, 400) n;
        INSERT INTO cart_items SELECT n, 1 + n * 13 % 500, 1 FROM generate_series(1, 400) n;
        ANALYZE;
    """,
    "payments": """
        CREATE TABLE charges (id bigserial PRIMARY KEY, cart_id int NOT NULL, amount_cents int NOT NULL);
        INSERT INTO charges (cart_id, amount_cents) SELECT 1 + n % 400, 999 FROM generate_series(1, 2000) n;
        ANALYZE;
    """,
}


@dataclass(frozen=True)
class Postgres:
    """Where the server listens; databases are named after the services."""

    port: int

    async def connect(self, database: str) -> psycopg.AsyncConnection:
        """Open a session of the lab's own, for instance to hold a lock."""
        return await psycopg.AsyncConnection.connect(
            host=LOOPBACK, port=self.port, dbname=database, user=ROLE, autocommit=True
        )

    async def lets_in(self) -> bool:
        """Whether sessions can be opened: the port answers a moment earlier."""
        try:
            await (await self.connect("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True


@contextlib.asynccontextmanager
async def running_postgres(directory: Path, lifetime_s: float) -> AsyncIterator[Postgres]:
    """Run a server with the services' tables in it for as long as the block lasts."""
    account = ACCOUNT if os.geteuid() == 0 else None
    data, port = directory / "postgres", free_port()
    data.mkdir()
    if account:
        shutil.chown(data, account, account)
    await _initialise(data, account, directory)
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    arguments = [find_tool("postgres"), "-D", str(data), "-p", str(port), *settings]
    # SIGINT is PostgreSQL's fast shutdown: open sessions are ended.
    async with running(
        await start("postgres", arguments, directory, lifetime_s, account), signal.SIGINT
    ) as child:
        server = Postgres(port)
        await child.ready(server.lets_in)
        await _create_schemas(server)
        yield server


async def _initialise(data: Path, account: str | None, directory: Path) -> None:
    arguments = [find_tool("initdb"), "-D", str(data), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-sync"]
    child = await start("initdb", arguments, directory, lifetime_s=60, user=account)
    if await child.process.wait() != 0:
        raise LabError(f"initdb failed: {child.stderr.read_text(errors='replace')[-300:]}")


async def _create_schemas(server: Postgres) -> None:
    async with await server.connect("postgres") as administrator:
        for database in SCHEMAS:
            await administrator.execute(f"CREATE DATABASE {database}")
    for database, statements in SCHEMAS.items():
        async with await server.connect(database) as session:
            await session.execute(statements)
