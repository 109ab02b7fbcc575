"""Show the progress of a long read in a terminal or in an open JupyterLab notebook.

The packages below only count. Nothing is shown before `DELAY_S`, or on standard output, or where nobody
watches: in a pipe, in CI, and under papermill and nbval, whose outputs are kept and compared.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
Seen = Callable[[int], object]

DELAY_S = 2.0
"""Seconds before the progress appears. Shorter waits leave no time to read it."""

SESSION = "JPY_SESSION_NAME"
"""Environment variable that a Jupyter server sets for its kernels. papermill and nbval start kernels without
it.
"""


def shown(unit: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Show the progress of a function that calls its parameter `seen` with each batch's number of `unit`."""

    def showing(read: Callable[P, R]) -> Callable[P, R]:
        @wraps(read)
        def reading(*args: P.args, **kwargs: P.kwargs) -> R:
            with progress(unit) as seen:
                return read(*args, **{"seen": seen, **kwargs})  # type: ignore[arg-type]

        return reading

    return showing


@contextmanager
def progress(unit: str) -> Iterator[Seen]:
    """Yield the function to call with the number of `unit` in each finished batch."""
    if not is_watched():
        yield _ignore
        return
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    with tqdm(unit=f" {unit}", unit_scale=True, delay=DELAY_S, leave=False, desc="reading") as bar:
        yield bar.update


def is_watched() -> bool:
    """Return whether somebody sees the output while it is written, and it is not kept."""
    return SESSION in os.environ or sys.stderr.isatty()


@contextmanager
def unwatched_kernels() -> Iterator[None]:
    """Keep kernels that start in this context from counting as part of the current notebook."""
    session = os.environ.pop(SESSION, None)
    try:
        yield
    finally:
        if session is not None:
            os.environ[SESSION] = session


def _ignore(_: int) -> None:
    """Count nothing."""
