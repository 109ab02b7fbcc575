"""Find changes of feature flags in traces: when a service first evaluated a flag to another value.

Spans have a flag as an attribute, `"feature_flag.new_cart": "on"`, or its name and value as a pair of them,
`"feature_flag.key": "new_cart", "feature_flag.result.variant": "on"`.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import polars as pl

from incident_kit.measure.calls.first_seen import first_seen
from incident_kit.schema import FLAG_KEY, FLAG_PREFIX, FLAG_VALUES, attribute

MEMBER = r'"feature_flag\.((?:[^"\\]|\\.)+)":\s*"((?:[^"\\]|\\.)*)"'
"""A member of the attributes whose name begins with the prefix, as its rest and its value."""

NO_FLAGS = (
    r"^(?:key|variant|version|evaluated_value|provider_name|(?:result|provider|context|set|error)\..+)$"
)
"""Names after the prefix that describe an evaluation, in OpenTelemetry's conventions of any year."""


class FlagChange(NamedTuple):
    """A feature flag of a service, its new value, and when that was first seen."""

    time: datetime
    service: str
    flag: str
    value: str

    @property
    def name(self) -> str:
        """Flag and value, for sentences."""
        return f"{self.flag}={self.value}"


def flag_changes(spans: pl.DataFrame | None) -> list[FlagChange]:
    """Return the values of feature flags that were first seen within the data, in the order of time."""
    if spans is None:
        return []
    marked = pl.col("attributes").str.contains(f'"{FLAG_PREFIX}', literal=True)
    told = spans.filter(marked, pl.col("service").is_not_null())
    flags = pl.concat([_named(told), _paired(told)]).drop_nulls()
    return [FlagChange(*row) for row in first_seen(flags, ["service", "flag"], "value").rows()]


def _named(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the flags that have an attribute of their own: trace_id, start, service, flag, value."""
    members = spans.select(
        "trace_id", "start", "service", member=pl.col("attributes").str.extract_all(MEMBER)
    ).explode("member")
    parts = pl.col("member").str.extract_groups(MEMBER).struct
    named = members.with_columns(flag=parts.field("1"), value=parts.field("2")).drop("member")
    return named.filter(~pl.col("flag").str.contains(NO_FLAGS))


def _paired(spans: pl.DataFrame) -> pl.DataFrame:
    value = pl.coalesce(attribute(name) for name in FLAG_VALUES)
    return spans.select("trace_id", "start", "service", flag=attribute(FLAG_KEY), value=value)
