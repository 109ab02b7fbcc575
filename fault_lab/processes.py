"""Child processes that end: by their pid when the lab is done, by themselves when it was killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fault_lab.errors import LabError

# How long a child may take to end after it was asked to, before `timeout` kills it.
GRACE_S = 20
READY_WITHIN_S = 60.0
PYTHON = (sys.executable, "-W", "ignore")
# Where the services find this package, which is not installed.
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Child:
    """A running program, and the file that has its standard error."""

    name: str
    process: asyncio.subprocess.Process
    stderr: Path

    async def ready(self, is_ready: Callable[[], Awaitable[bool]]) -> None:
        """Wait until the child serves.

        Raises
        ------
        LabError
            It ended, or took longer than a minute; the message has the end of its standard error.
        """
        deadline = asyncio.get_running_loop().time() + READY_WITHIN_S
        while not await is_ready():
            if self.process.returncode is not None or asyncio.get_running_loop().time() > deadline:
                tail = self.stderr.read_text(errors="replace")[-800:]
                raise LabError(f"{self.name} did not start: {tail or 'it said nothing'}")
            await asyncio.sleep(0.05)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask the child to end, and wait until it has."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(how)
        await self.process.wait()


async def start(
    name: str, arguments: Sequence[str], directory: Path, lifetime_s: float, user: str | None = None
) -> Child:
    """Start a program that lives at most `lifetime_s` seconds, whatever becomes of the lab.

    coreutils' `timeout` stands before it: it passes signals on, and ends the program at the deadline.
    The session is its own, so that Ctrl-C reaches the lab alone, which ends its children in order.
    """
    stderr = directory / f"{name}.stderr"
    guard = ["timeout", "--foreground", f"--kill-after={GRACE_S}", str(int(lifetime_s))]
    with stderr.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *guard,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=directory,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )
    return Child(name, process, stderr)


@contextlib.asynccontextmanager
async def running(child: Child, how: signal.Signals = signal.SIGTERM) -> AsyncIterator[Child]:
    """Keep the child for as long as the block lasts."""
    try:
        yield child
    finally:
        await child.stop(how)
