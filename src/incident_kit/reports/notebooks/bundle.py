"""Find what is installed: the version, the notebooks and the samples, in the package or in a checkout."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from incident_kit.errors import SourceError

_PACKAGE = Path(__file__).resolve().parents[2]
# A checkout comes first, so that the notebook that is being edited is the one that runs.
_ROOTS = (_PACKAGE.parents[1], _PACKAGE / "_bundle")


def notebook_path(name: str) -> Path:
    """Return the path of a notebook of the kit.

    Raises
    ------
    SourceError
        If there is no such notebook.
    """
    return _find(f"notebooks/{name}.ipynb")


def sample_path(scenario: str, name: str) -> Path:
    """Return the path of a file of a sample incident, such as `slow-database`, `access.log.gz`.

    Raises
    ------
    SourceError
        If there is no such file.
    """
    return _find(f"sample_data/{scenario}/{name}")


def kit_version() -> str:
    """Return the version of the kit; a checkout that is not installed has none."""
    try:
        return version("incident-kit")
    except PackageNotFoundError:
        return "(from a checkout)"


def _find(relative: str) -> Path:
    found = next((root / relative for root in _ROOTS if (root / relative).is_file()), None)
    if found is None:
        places = " nor in ".join(str(root) for root in _ROOTS)
        raise SourceError(f"{relative} is neither in {places}; install the package again.")
    return found
