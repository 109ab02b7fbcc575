"""Define the tables of a rollup: their keys, their sums, and the bucket of time they use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from incident_kit.schema import ENDPOINT, TIME_US

VALUES_KEPT = 256
"""Number of one attribute's values that keep a row each, chosen by hash. `OTHER` counts the rest together."""

OTHER = "(other)"


@dataclass(frozen=True)
class Table:
    """One table: its keys besides `time`, its integer sums, and whether it uses the coarse bucket."""

    keys: Mapping[str, pl.DataType]
    sums: tuple[str, ...]
    coarse: bool = True

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns of the table and their types."""
        return {"time": TIME_US, **self.keys, **{name: pl.Int64() for name in self.sums}}


ENDPOINT_TYPES: Mapping[str, pl.DataType] = dict.fromkeys(ENDPOINT, pl.String())
TABLES: Mapping[str, Table] = {
    "counts": Table(
        {**ENDPOINT_TYPES, "status": pl.Int16()},
        ("requests", "slow", "given_up", "timed", "duration_us"),
        coarse=False,
    ),
    "latency": Table({**ENDPOINT_TYPES, "bucket": pl.Int32()}, ("requests",)),
    "upstreams": Table(
        {**ENDPOINT_TYPES, "upstream": pl.String(), "status": pl.Int16()},
        ("requests", "slow", "timed", "duration_us"),
    ),
    "attributes": Table(
        {"attribute": pl.String(), "value": pl.String()}, ("requests", "errors", "slow", "timed")
    ),
    "excluded": Table({"reason": pl.String()}, ("requests",), coarse=False),
}
TABLE_NAMES = (*TABLES, "exemplars")
"""Names of all tables of a rollup; exemplars are kept, not summed."""
SUMMED_TABLES = frozenset({"counts", "latency", "upstreams", "excluded"})
"""Tables in which each row can be summed without looking at the other rows."""
EXEMPLARS: Mapping[str, pl.DataType] = {
    "time": TIME_US,
    **ENDPOINT_TYPES,
    "kind": pl.String(),
    "trace_id": pl.String(),
    "source": pl.String(),
    "line_number": pl.Int64(),
    "duration_ms": pl.Float64(),
    "status": pl.Int16(),
}
