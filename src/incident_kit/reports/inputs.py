"""What a notebook reads, masked before anything can be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from incident_kit.engines.evidence import Evidence, gather
from incident_kit.reports.masking import mask_frame
from incident_kit.reports.parameters import NotebookParameters
from incident_kit.sensitive import Pseudonyms

CHUNK = 1 << 20


def read_inputs(asked: NotebookParameters) -> Evidence:
    """Read what a notebook was asked to look at; secrets, clients and users are masked unless told otherwise.

    Raises
    ------
    InputError
        If something cannot be read.
    """
    evidence = gather(
        asked.logs, asked.trace_files, log_format=asked.log_format, routes=asked.routes or None, tz=asked.tz
    )
    if not asked.mask:
        return evidence
    digests = provenance([*asked.logs, *asked.trace_files])["sha256"]
    names = Pseudonyms.keyed_by(*(digest.encode() for digest in digests))
    requests = evidence.requests
    if isinstance(requests, pl.DataFrame):
        requests = mask_frame(requests, names)
    spans = None if evidence.spans is None else mask_frame(evidence.spans, names)
    return replace(evidence, requests=requests, spans=spans)


def provenance(paths: Iterable[str]) -> pl.DataFrame:
    """Return name, size and SHA-256 of each input that is a file, so that a reader knows what was read."""
    files = [Path(path) for path in paths if Path(path).is_file()]
    rows = [(file.name, file.stat().st_size, _digest(file)) for file in files]
    return pl.DataFrame(
        rows, schema={"name": pl.String, "bytes": pl.Int64, "sha256": pl.String}, orient="row"
    )


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
