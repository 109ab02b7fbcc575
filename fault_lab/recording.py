"""The files of a recording, written and held against each other."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path

from fault_lab.errors import LabError

ACCESS_LOG, TRACES, TRUTH = "access.log.gz", "traces.jsonl.gz", "truth.json"


def write_gzip(path: Path, lines: Iterable[str]) -> int:
    """Write lines compressed, without a time in the header; how many there were."""
    count = 0
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        for line in lines:
            text.write(line)
            count += 1
    return count


def merged_spans(files: Iterable[Path]) -> list[str]:
    """Put the batches of all processes in the order in which a collector would have received them."""
    lines = [line for file in files for line in file.read_text().splitlines(keepends=True)]
    return sorted(lines, key=_last_end)


def _last_end(line: str) -> int:
    scopes = [scope for resource in json.loads(line)["resourceSpans"] for scope in resource["scopeSpans"]]
    return max(int(span["endTimeUnixNano"]) for scope in scopes for span in scope["spans"])


def count_spans(files: Iterable[Path]) -> int:
    """Add up what the processes counted themselves.

    Raises
    ------
    LabError
        A process left no count, or spans were lost on the way.
    """
    ended = exported = 0
    for file in files:
        counts = file.with_suffix(".counts.json")
        if not counts.exists():
            raise LabError(f"{file.stem} ended without saying how many spans it had.")
        values = json.loads(counts.read_text())
        ended, exported = ended + values["ended"], exported + values["exported"]
    if ended != exported:
        raise LabError(f"{ended - exported} of {ended} sampled spans were lost before they were written.")
    return exported
