"""How far a long read is, for whoever watches: a terminal, or a notebook that is open in JupyterLab.

The rooms below only count; nothing is shown before `DELAY_S`, on standard output, or where nobody watches: in
a pipe, in CI, under papermill and nbval, whose outputs are kept and compared.
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
"""Who waits less has no time to read how far it is."""

SESSION = "JPY_SESSION_NAME"
"""What a Jupyter server tells the kernels it starts; papermill and nbval start theirs themselves."""


def shown(unit: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Show the progress of a function that takes `seen`, called with how many `unit` each batch has."""

    def showing(read: Callable[P, R]) -> Callable[P, R]:
        @wraps(read)
        def reading(*args: P.args, **kwargs: P.kwargs) -> R:
            with progress(unit) as seen:
                return read(*args, **{"seen": seen, **kwargs})  # type: ignore[arg-type]

        return reading

    return showing


@contextmanager
def progress(unit: str) -> Iterator[Seen]:
    """Yield what is to be called with the number of `unit` of each batch that is done."""
    if not is_watched():
        yield _ignore
        return
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    with tqdm(unit=f" {unit}", unit_scale=True, delay=DELAY_S, leave=False, desc="reading") as bar:
        yield bar.update


def is_watched() -> bool:
    """Return whether somebody sees what is written meanwhile, and it is kept nowhere."""
    return SESSION in os.environ or sys.stderr.isatty()


@contextmanager
def unwatched_kernels() -> Iterator[None]:
    """Let kernels that are started meanwhile not take themselves for the notebook this one belongs to."""
    session = os.environ.pop(SESSION, None)
    try:
        yield
    finally:
        if session is not None:
            os.environ[SESSION] = session


def _ignore(_: int) -> None:
    """Count nothing."""
