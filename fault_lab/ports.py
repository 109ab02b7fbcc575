"""Free loopback ports below the range from which the kernel takes the ports of outgoing connections.

A service that is stopped by a fault must find its port still free when it comes back.
"""

from __future__ import annotations

import asyncio
import random
import socket

LOOPBACK = "127.0.0.1"
LOWEST_PORT, HIGHEST_PORT = 20_000, 32_000
TRIES = 200


def free_port() -> int:
    """Find a port on the loopback address on which nobody listens.

    Raises
    ------
    OSError
        None was found.
    """
    for _ in range(TRIES):
        port = random.randint(LOWEST_PORT, HIGHEST_PORT)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {LOWEST_PORT} and {HIGHEST_PORT} in {TRIES} tries.")


async def answers(port: int) -> bool:
    """Whether somebody accepts connections on a loopback port."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True
