"""One incident with every table that bears on it: what a pattern looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from incident_kit.diagnosis.causes.unseen import Unseen
from incident_kit.diagnosis.causes.worst_part import SharedPlace
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.events import Event
from incident_kit.measure.calls.releases import Release
from incident_kit.measure.calls.tree_calls import TreeCalls
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.slo import Targets
from incident_kit.window import Window
from incident_kit.wording import endpoint


@dataclass(frozen=True)
class Case:
    """An incident and its evidence; `requests` and `tree` are null where there were none to look at.

    `during` is the incident's window, closed with the end of the log where it is still open. `pieces` are
    those of evidence against each of the dependencies by name, the strongest first. `attributes`
    is a table of `attribute_shares`, `calls` are those between all spans; `unseen` says why
    the traces do not show the incident, if they do not; `releases` are those that the traces show; `place` is
    where several services slowed down, if that was one.
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
    unseen: Unseen | None = None
    releases: Sequence[Release] = field(default=())
    events: Sequence[Event] = field(default=())
    place: SharedPlace | None = None

    @property
    def before(self) -> Window:
        """The window that the incident is compared with."""
        return self.incident.baseline

    @property
    def spans(self) -> pl.DataFrame | None:
        """The spans of the tree."""
        return None if self.tree is None else self.tree.spans

    @property
    def endpoint(self) -> str:
        """The endpoint that explains most, as `GET /x/{id}`."""
        row = self.endpoints.row(0, named=True)
        return endpoint(row["method"], row["route"])

    @property
    def culprit(self) -> dict[str, object] | None:
        """The first row of the dependencies, if the evidence separates it from its rivals."""
        stated = self.dependencies.filter("stated")
        return stated.row(0, named=True) if stated.height else None
