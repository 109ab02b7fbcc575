"""Run notebooks in parallel, and set apart those that the given data are not enough for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import Any

from incident_kit.engines.progress import unwatched_kernels
from incident_kit.errors import IncidentKitError
from incident_kit.reports.notebooks.execute import ABOUT_INPUT, Run, run_notebook


def run_in_parallel(
    names: Sequence[str], folder: Path, parameters: Mapping[str, Any]
) -> tuple[list[Run], dict[str, IncidentKitError]]:
    """Run notebooks into `folder`, as many at a time as there are processors.

    Returns the runs, and for each notebook that cannot be made, by its name, the error that stopped it.

    Raises
    ------
    InputError, ParameterError, SchemaError
        If none can be made: the error of the first.
    NotebookError
        If one stopped for another reason.
    """

    def run(name: str) -> Run | IncidentKitError:
        return _run(name, folder / f"{Path(name).stem}.ipynb", parameters)

    with unwatched_kernels(), ThreadPoolExecutor(max_workers=min(len(names), cpu_count() or 1)) as pool:
        done = dict(zip(names, pool.map(run, names), strict=True))
    runs = [one for one in done.values() if isinstance(one, Run)]
    refused = {name: one for name, one in done.items() if not isinstance(one, Run)}
    if not runs:
        raise next(iter(refused.values()))
    return runs, refused


def _run(name: str, output: Path, parameters: Mapping[str, Any]) -> Run | IncidentKitError:
    """Return the run, or the error about its input."""
    from jupyter_core.utils import ensure_event_loop

    try:
        return run_notebook(name, output, parameters)
    except ABOUT_INPUT as error:
        return error
    finally:
        # The client created an event loop for this thread, which nobody else closes.
        ensure_event_loop().close()
