"""A case: one incident with every table about it, which is the input of the patterns.

Example: the case of a latency incident from 10:00 to 10:20 has the endpoints that slowed down, the ranking of
dependencies with the evidence against each, the attributes that separate slow from other requests, and the
release that the traces show at 09:58.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from incident_kit.diagnosis.causes.not_in_traces import NotInTraces
from incident_kit.diagnosis.causes.worst_part import SharedPlace
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.events import Event
from incident_kit.measure.calls.flag_changes import FlagChange
from incident_kit.measure.calls.releases import Release
from incident_kit.measure.calls.tree_calls import TreeCalls
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.slo import Targets
from incident_kit.window import Window
from incident_kit.wording import endpoint


@dataclass(frozen=True)
class Case:
    """An incident and its evidence; `requests` and `tree` are None if the input has none.

    `during` is the incident's window, closed at the end of the log if it is still open. `pieces` are the
    pieces of evidence against each dependency by name, the strongest first. `attributes` is a table of
    `attribute_shares`. `calls` are the calls between all spans. `not_in_traces` says why the traces do not
    show the incident, if they do not. `releases` and `flag_changes` are those that the traces show. `place`
    is where several services slowed down, if it was one place. `slow_beside_failures` is the dependency that
    is only slow, if another one has the failures.
    """

    incident: Incident
    during: Window
    targets: Targets
    rollup: Rollup
    endpoints: pl.DataFrame
    quantiles: pl.DataFrame
    dependencies: pl.DataFrame
    pieces: Mapping[str, Sequence[str]]
    attributes: pl.DataFrame
    calls: TreeCalls
    requests: pl.DataFrame | None = None
    tree: SpanTree | None = None
    not_in_traces: NotInTraces | None = None
    releases: Sequence[Release] = ()
    flag_changes: Sequence[FlagChange] = ()
    events: Sequence[Event] = ()
    place: SharedPlace | None = None
    slow_beside_failures: str | None = None

    @property
    def before(self) -> Window:
        """The window that the incident is compared with."""
        return self.incident.baseline

    @property
    def endpoint(self) -> str:
        """The endpoint that explains most of the excess, as `GET /x/{id}`."""
        row = self.endpoints.row(0, named=True)
        return endpoint(row["method"], row["route"])

    @property
    def culprit(self) -> dict[str, Any] | None:
        """The stated row of the dependencies, or None if the evidence separates no cause from its rivals."""
        stated = self.dependencies.filter("stated")
        return stated.row(0, named=True) if stated.height else None

    def strongest_piece(self, name: str) -> str | None:
        """Return the strongest piece of evidence against a dependency, or None if there is none."""
        return next(iter(self.pieces.get(name, ())), None)
