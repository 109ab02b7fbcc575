"""A wire delays what goes one way, and only while it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import time

from fault_lab.ports import LOOPBACK, free_port
from fault_lab.wire import Wire, delayed, laid

DELAY_S = 0.15


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()


async def round_trip(port: int) -> tuple[bytes, float]:
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(b"hello\n")
    answer = await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return answer, time.perf_counter() - began


def test_bytes_arrive_whole_and_later_by_the_delay() -> None:
    async def play() -> tuple[tuple[bytes, float], Wire]:
        port = free_port()
        async with await asyncio.start_server(echo, LOOPBACK, port), laid(Wire(port)) as wire:
            with delayed([wire], DELAY_S):
                return await round_trip(wire.port), wire

    (answer, took), wire = asyncio.run(play())
    assert answer == b"hello\n"
    assert took >= DELAY_S
    assert wire.delay_s == 0.0


def test_a_far_end_that_refuses_closes_the_near_end() -> None:
    async def play() -> bytes:
        async with laid(Wire(free_port())) as wire:
            reader, writer = await asyncio.open_connection(LOOPBACK, wire.port)
            answer = await reader.read()
            writer.close()
            return answer

    assert asyncio.run(play()) == b""
