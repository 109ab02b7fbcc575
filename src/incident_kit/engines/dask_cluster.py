"""Connect to a Dask cluster, or start one on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from logging import ERROR, getLogger
from typing import Any

from incident_kit.errors import ParameterError, SourceError

MAX_WORKERS = 8
"""Upper bound on local worker processes (one for each core). More would wait for the reading in this
process.
"""

WORKER_SETTINGS = {
    "distributed.nanny.pre-spawn-environ.POLARS_MAX_THREADS": 1,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
    "distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED": "error",
}
"""Settings for local workers: one Polars thread each, and no warnings about a busy machine.

The workers return memory to the system like other processes. Dask's default returns it after every block,
which takes as long as the work itself.
"""


def _workers() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MAX_WORKERS)


@contextmanager
def connected(scheduler: str | None) -> Iterator[Any]:
    """Yield a client of the scheduler at an address, or of a temporary local cluster if it is None.

    Raises
    ------
    ParameterError
        If Dask is not installed.
    SourceError
        If no scheduler answers.
    """
    try:
        import dask.config
        from distributed import Client, LocalCluster
    except ImportError as error:
        sentence = f'The engine dask needs a library ({error}); pip install "incident-kit[dask]".'
        raise ParameterError(sentence) from error
    with ExitStack() as stack:
        if scheduler is None:
            getLogger("distributed").setLevel(ERROR)
            stack.enter_context(dask.config.set(WORKER_SETTINGS))
            scheduler = stack.enter_context(
                LocalCluster(n_workers=_workers(), threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
            )
        try:
            client = stack.enter_context(Client(scheduler))  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise SourceError(f"No scheduler answers at {scheduler} ({error}); check the address.") from error
        yield client
