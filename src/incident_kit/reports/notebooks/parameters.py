"""The typed parameters of each notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from incident_kit.reports.notebooks.bundle import sample_path
from incident_kit.reports.notebooks.fields import (
    Events,
    Instant,
    OptionalText,
    Paths,
    Share,
    Span,
    Text,
    TimeZone,
)
from incident_kit.slo import Targets


class NotebookParameters(BaseModel):
    """The parameters that all notebooks share: which data, which stretch of it, against which targets."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    sample: ClassVar[str] = "slow-database"
    question: ClassVar[str] = ""

    access_log: Paths = ()
    traces: Paths = ()
    log_format: OptionalText = None
    routes: Paths = ()
    tz: TimeZone = "UTC"
    display_tz: TimeZone = "UTC"
    incident: Span = None
    baseline: Span = None
    events: Events = ()
    latency_ms: float = Field(Targets.latency_ms, gt=0)
    error_rate: Share = Targets.error_rate
    latency_quantile: Share = Targets.latency_quantile
    availability: Share = Targets.availability
    recovery_s: float = Field(Targets.recovery_s, gt=0)
    mask: bool = True

    @property
    def targets(self) -> Targets:
        """The targets that were asked for."""
        return Targets(**{name: getattr(self, name) for name in Targets().as_dict()})

    @property
    def scope(self) -> dict[str, Any]:
        """The arguments of `diagnose` besides the data."""
        return {
            "targets": self.targets,
            "incident": self.incident,
            "baseline": self.baseline,
            "events": self.events,
        }

    @property
    def is_sample(self) -> bool:
        """Whether no data were named, so that the notebook runs on the sample."""
        return not self.access_log and not self.traces

    @property
    def logs(self) -> tuple[str, ...]:
        """The access logs to read; those of the sample if no data were named."""
        return (str(sample_path(self.sample, "access.log.gz")),) if self.is_sample else self.access_log

    @property
    def trace_files(self) -> tuple[str, ...]:
        """The traces to read; those of the sample if no data were named."""
        return (str(sample_path(self.sample, "traces.jsonl.gz")),) if self.is_sample else self.traces

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that is read."""
        return (*self.logs, *self.trace_files)


class Triage(NotebookParameters):
    """The parameters of `triage`."""

    question: ClassVar[str] = "What happened, how bad is it, and where to look next?"


class LatencyRegression(NotebookParameters):
    """The parameters of `latency_regression`."""

    question: ClassVar[str] = "What became slow, since when, and why?"


class ErrorSpike(NotebookParameters):
    """The parameters of `error_spike`."""

    sample: ClassVar[str] = "bad-release"
    question: ClassVar[str] = "What fails, since when, and why?"


class Dependencies(NotebookParameters):
    """The parameters of `dependencies`."""

    question: ClassVar[str] = "Where does the time of requests go, and what changed there?"


class CompareReleases(NotebookParameters):
    """The parameters of `compare_releases`: two logs, or one log and where to split it."""

    sample: ClassVar[str] = "bad-release"
    question: ClassVar[str] = "Did the release make anything worse?"

    before: Paths = ()
    after: Paths = ()
    release: Instant = None
    canary: Text = ""

    @property
    def is_sample(self) -> bool:
        """Whether no data were named, so that the notebook runs on the sample."""
        return super().is_sample and not self.before and not self.after

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that is read."""
        return (*self.before, *self.after) if self.before or self.after else super().paths

    @property
    def sample_start(self) -> str:
        """When the sample's fault began, according to its truth.json."""
        truth = json.loads(sample_path(self.sample, "truth.json").read_text(encoding="utf-8"))
        return str(truth["start"])


class Postmortem(NotebookParameters):
    """The parameters of `postmortem`."""

    sample: ClassVar[str] = "bad-release"
    question: ClassVar[str] = "What happened, what did it cost, and what will be done?"


NOTEBOOKS: Mapping[str, type[NotebookParameters]] = {
    "triage": Triage,
    "latency_regression": LatencyRegression,
    "error_spike": ErrorSpike,
    "dependencies": Dependencies,
    "compare_releases": CompareReleases,
    "postmortem": Postmortem,
}
