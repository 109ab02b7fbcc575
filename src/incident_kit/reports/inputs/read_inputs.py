"""Read the inputs of a notebook, and mask them before anything can be shown."""

from __future__ import annotations

from dataclasses import replace

from incident_kit.engines.evidence import HELD_BYTES, Evidence, gather
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.reports.inputs.masking import mask_frame, mask_rollup
from incident_kit.reports.inputs.provenance import input_files
from incident_kit.reports.inputs.pseudonyms import Pseudonyms
from incident_kit.reports.notebooks.parameters import NotebookParameters


def read_inputs(asked: NotebookParameters, *, held_bytes: float = HELD_BYTES) -> Evidence:
    """Read the inputs of a notebook, with secrets, clients and users masked unless told otherwise.

    A log longer than `held_bytes` is rolled up instead of held in memory.

    Raises
    ------
    InputError
        If something cannot be read.
    """
    evidence = gather(
        asked.logs,
        asked.trace_files,
        log_format=asked.log_format,
        routes=asked.routes or None,
        tz=asked.tz,
        targets=asked.targets,
        held_bytes=held_bytes,
    )
    if not asked.mask:
        return evidence
    files = input_files([*asked.logs, *asked.trace_files])
    return _masked(evidence, Pseudonyms.keyed_by(*(file.fingerprint for file in files)))


def _masked(evidence: Evidence, names: Pseudonyms) -> Evidence:
    requests, spans = evidence.requests, evidence.spans
    if requests is not None:
        requests = (
            mask_rollup(requests, names) if isinstance(requests, Rollup) else mask_frame(requests, names)
        )
    return replace(evidence, requests=requests, spans=None if spans is None else mask_frame(spans, names))
