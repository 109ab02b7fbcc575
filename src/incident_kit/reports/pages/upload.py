"""Copy a written report to an address such as `s3://bucket/folder`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from incident_kit.errors import OutputError, reason


def is_address(output: str | Path) -> bool:
    """Return whether an output is an address rather than a local folder."""
    return "://" in str(output)


def upload(files: Sequence[Path], address: str) -> list[str]:
    """Copy files to an address and return the address of each.

    Raises
    ------
    OutputError
        If the address cannot be written to: a library is missing, or the store refuses.
    """
    places = [f"{address.rstrip('/')}/{file.name}" for file in files]
    try:
        for file, place in zip(files, places, strict=True):
            _copy(file, place)
    except _refusals() as error:
        raise OutputError(
            f"{address} cannot be written to: {reason(error)}; check bucket, credentials and "
            "AWS_ENDPOINT_URL, and that incident-kit[s3] is installed."
        ) from error
    return places


def _copy(file: Path, place: str) -> None:
    """Write a text through papermill, so that its settings apply; its handlers write nothing but text."""
    if file.suffix == ".pdf":
        import fsspec

        with fsspec.open(place, "wb") as opened:
            opened.write(file.read_bytes())
        return
    from papermill.iorw import papermill_io

    papermill_io.write(file.read_text(encoding="utf-8"), place, extensions=None)


def _refusals() -> tuple[type[Exception], ...]:
    """Return the exceptions that a store or a missing library raises; each extra has its own."""
    from papermill.exceptions import PapermillException

    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return (PapermillException, OSError, ImportError)
    return (PapermillException, OSError, ImportError, BotoCoreError, ClientError)
