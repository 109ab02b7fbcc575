"""Run a program as a process of its own, and measure its time and its peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Run:
    """What one process took: seconds, and megabytes at its peak; None where it is not installed or failed."""

    seconds: float | None
    megabytes: float | None = None


def alone(work: Callable[..., Result], *arguments: object) -> Result:
    """Do work in a process of its own, so that time and memory are its own.

    A child's peak begins with its parent's size, so nothing large is made in the process that starts others.
    """
    with get_context("spawn").Pool(1) as process:
        return process.apply(work, arguments)


def run(*command: str) -> Run:
    """Run a process to its end, its modules compiled as installed ones are.

    What was written before is on the disk by then: to write it out would take the time of the next.
    """
    os.sync()
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled |= {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "benchmark-bytecode")}
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=compiled
    ) as process:
        error = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        print(f"{command[:4]} failed: {error.decode()[-400:]}", file=sys.stderr)
        return Run(None)
    return Run(time.perf_counter() - started, usage.ru_maxrss / 1024)


def python(code: str) -> Run:
    """Run Python code as a process of its own."""
    return run(sys.executable, "-c", code)


def kit(*arguments: str) -> Run:
    """Run the command line."""
    return run(sys.executable, "-m", "incident_kit", *arguments)
