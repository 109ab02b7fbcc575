"""A wire between two processes whose latency can be changed: a TCP relay on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator

from fault_lab.ports import LOOPBACK, free_port

CHUNK = 65_536


class Wire:
    """Carries bytes to a port, those on the way there `delay_s` later than they came."""

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self.delay_s = 0.0
        self._target_port = target_port

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side closes it; refused at the far end means closed here."""
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            self._pump(reader, far_writer, delayed=True), self._pump(far_reader, writer, delayed=False)
        )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, delayed: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                if delayed and self.delay_s:
                    await asyncio.sleep(self.delay_s)
                writer.write(chunk)
                await writer.drain()
        with contextlib.suppress(ConnectionError, OSError):
            writer.close()


@contextlib.asynccontextmanager
async def laid(wire: Wire) -> AsyncIterator[Wire]:
    """Lay the wire for as long as the block lasts."""
    server = await asyncio.start_server(wire.carry, LOOPBACK, wire.port)
    try:
        yield wire
    finally:
        server.close()


@contextlib.contextmanager
def delayed(wires: Iterable[Wire], delay_s: float) -> Iterator[None]:
    """Slow wires for as long as the block lasts."""
    slow = list(wires)
    for wire in slow:
        wire.delay_s = delay_s
    try:
        yield
    finally:
        for wire in slow:
            wire.delay_s = 0.0
