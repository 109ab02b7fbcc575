"""Read the two sides of a comparison: two logs, one log split at a release, or one split by who answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.engines.evidence import Evidence
from incident_kit.errors import ParameterError
from incident_kit.measure.calls.root_requests import root_requests
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.reports.inputs.read_inputs import read_inputs
from incident_kit.reports.inputs.split import split
from incident_kit.reports.notebooks.parameters import CompareReleases
from incident_kit.reports.prose.file_names import file_name
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.schema import SPANS, empty


@dataclass(frozen=True)
class Sides:
    """Requests before and after (or of stable and canary), and a sentence with the number on each side."""

    before: Any
    after: Any
    said: Sentences
    are_of_release: bool = True
    """Whether a release, or what the user says of the sides, is what is between them."""


def read_sides(asked: CompareReleases) -> Sides:
    """Read the two sides of a comparison, masked like everything a notebook reads.

    Raises
    ------
    ParameterError
        If the input is a single rollup, which cannot be split, or one of the sides is empty.
    InputError
        If something cannot be read.
    """
    if asked.before or asked.after:
        return _two_logs(asked)
    data = read_inputs(asked, held_bytes=inf)  # a rollup holds no single requests to split
    requests = _frame(data)
    return _by_canary(requests, asked.canary) if asked.canary else _by_time(requests, data.spans, asked)


def _two_logs(asked: CompareReleases) -> Sides:
    if not asked.before or not asked.after:
        raise ParameterError("A comparison has two sides; give both before and after.")
    sides = [
        read_inputs(asked.model_copy(update={"access_log": paths, "traces": ()}))
        for paths in (asked.before, asked.after)
    ]
    names = [wording.listed([file_name(path) for path in paths]) for paths in (asked.before, asked.after)]
    before, after = (_requests(side) for side in sides)
    return _told(before, after, f"Before ({names[0]})", f"after ({names[1]})")


def _by_canary(requests: pl.DataFrame, condition: str) -> Sides:
    """Split by the value of one column: with `upstream_addr=10.0.0.7:8080` those rows are the canary."""
    column, separator, value = condition.partition("=")
    if not separator or column not in requests.columns:
        raise ParameterError(
            f"The canary {condition!r} is no condition on requests; write column=value, such as host=canary."
        )
    is_canary = (pl.col(column).cast(pl.String) == value).fill_null(value=False)
    before, after = requests.filter(~is_canary), requests.filter(is_canary)
    return _told(before, after, f"Stable (all that is not {condition})", f"canary ({condition})")


def _by_time(requests: pl.DataFrame, spans: pl.DataFrame | None, asked: CompareReleases) -> Sides:
    at, why, is_release = split(requests, spans, asked)
    is_before = pl.col("start_time") < at
    before, after = requests.filter(is_before), requests.filter(~is_before)
    told = _told(before, after, f"Before {wording.clock(at)} ({why})", "after it")
    return replace(told, are_of_release=is_release)


def _told(before: pl.DataFrame | Rollup, after: pl.DataFrame | Rollup, *names: str) -> Sides:
    sizes = [side.meta.requests if isinstance(side, Rollup) else side.height for side in (before, after)]
    counts = [f"{name}: {wording.count(size, 'request')}" for name, size in zip(names, sizes, strict=True)]
    said = f"{'; '.join(counts)}."
    if not all(sizes):
        raise ParameterError(
            f"Nothing lies on one side. {said} Choose a release, or logs, with requests on both."
        )
    return Sides(before, after, Sentences((said,)))


def _requests(data: Evidence) -> pl.DataFrame | Rollup:
    """Return the requests of a log, or the root spans of traces as requests."""
    if data.requests is not None:
        return data.requests
    return root_requests(data.spans if data.spans is not None else empty(SPANS))


def _frame(data: Evidence) -> pl.DataFrame:
    requests = _requests(data)
    if isinstance(requests, Rollup):
        raise ParameterError(
            "A rollup cannot be split; compare two of them, with `incident-kit compare -o DIR`."
        )
    return requests
