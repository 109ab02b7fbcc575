"""What a report wrote, copied to an address such as `s3://bucket/folder`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from incident_kit.errors import OutputError


def is_address(output: str | Path) -> bool:
    """Return whether an output is an address, no folder of this machine."""
    return "://" in str(output)


def upload(files: Sequence[Path], address: str) -> list[str]:
    """Copy files to an address and return what each is called there.

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
        reason = " ".join(str(error).split()).rstrip(".")
        raise OutputError(
            f"{address} cannot be written to: {reason}; check bucket, credentials and AWS_ENDPOINT_URL, "
            "and that incident-kit[s3] is installed."
        ) from error
    return places


def _copy(file: Path, place: str) -> None:
    """Write text as papermill does, so that its settings hold; its handlers carry nothing but text."""
    if file.suffix == ".pdf":
        import fsspec

        with fsspec.open(place, "wb") as opened:
            opened.write(file.read_bytes())
        return
    from papermill.iorw import papermill_io

    papermill_io.write(file.read_text(encoding="utf-8"), place, extensions=None)


def _refusals() -> tuple[type[Exception], ...]:
    """Return what a store, or a library that is not there, raises; each extra has errors of its own."""
    from papermill.exceptions import PapermillException

    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return (PapermillException, OSError, ImportError)
    return (PapermillException, OSError, ImportError, BotoCoreError, ClientError)
