"""Find releases in traces: when each service began to answer with another version."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

import polars as pl

from incident_kit.measure.calls.first_seen import first_seen
from incident_kit.schema import attribute

VERSION = "service.version"

MEMBER = rf'"{re.escape(VERSION)}":\s*"(?:[^"\\]|\\.)*"'
"""Regular expression for the whole member of the attributes, if its value is a text."""


class Release(NamedTuple):
    """A version of a service, and when it was first seen."""

    time: datetime
    service: str
    version: str

    @property
    def name(self) -> str:
        """Service and version, for sentences."""
        return f"{self.service} {self.version}"


def releases(spans: pl.DataFrame | None) -> list[Release]:
    """Return the versions (`service.version`) that were first seen within the data, in the order of time."""
    if spans is None:
        return []
    several = _of_several_versions(spans)
    told = several.select("trace_id", "service", "start", attribute(VERSION).alias("version")).drop_nulls()
    return [Release(*row) for row in first_seen(told, ["service"], "version").rows()]


def _of_several_versions(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans of the services that report more than one version.

    Most services report one version throughout. Searching for its text takes a tenth of the time of parsing
    every span's attributes.
    """
    tells = pl.col("attributes").str.contains(f'"{VERSION}"', literal=True)
    told = spans.select("service", "attributes").filter(tells, pl.col("service").is_not_null())
    by_service = told.partition_by("service", as_dict=True)
    several = [service for (service,), own in by_service.items() if not _always_first(own["attributes"])]
    return spans.filter(pl.col("service").is_in(several))


def _always_first(attributes: pl.Series) -> bool:
    """Return whether all attributes contain the version of the first entry."""
    member = attributes.head(1).str.extract(MEMBER, 0).item()
    return member is not None and bool(attributes.str.contains(member, literal=True).all())
