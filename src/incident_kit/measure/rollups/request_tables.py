"""Aggregate classified requests into the tables of a rollup, one row for each distinct key.

For example, three requests `GET /cart` within one bucket, answered 200, 200 and 503, become two rows of
`counts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.requests.validity import Exclusion
from incident_kit.measure.rollups.classification import UPSTREAM
from incident_kit.measure.rollups.combining import are_kept, tabulate
from incident_kit.measure.rollups.tables import EXEMPLARS, OTHER, TABLES, VALUES_KEPT
from incident_kit.measure.rollups.tally import Key, add_up
from incident_kit.schema import SERVED_BY, TIME_US

ATTRIBUTES = ("host", "client_network", "user_agent_family", "source")
"""Attributes that a rollup keeps, besides the labels. Questions about others need the requests themselves."""


@dataclass(frozen=True)
class RequestTables:
    """Build the rollup tables from the frame that `classify` returns, with bucket widths in seconds."""

    classified: pl.DataFrame
    bucket_s: int
    coarse_bucket_s: int

    def tables(self, exclusions: Sequence[Exclusion]) -> dict[str, pl.DataFrame]:
        """Return every table by name, with its rows in no particular order."""
        found = {
            "counts": self.counts(),
            "latency": self.latency(),
            "upstreams": self.upstreams(),
            "attributes": self.attributes(),
            "excluded": self.excluded(exclusions),
        }
        tables = {name: rows[list(TABLES[name].schema)] for name, rows in found.items()}
        return tables | {"exemplars": self.exemplars()}

    def counts(self) -> pl.DataFrame:
        """Count the requests by time, endpoint and status."""
        keys = (self._fine, *self._endpoint, Key.of(self.classified["status"]))
        sums = {name: self._column(name) for name in ("slow", "given_up", "timed")}
        return add_up(keys, self._column("requests"), {**sums, "duration_us": self._column("duration_us")})

    def latency(self) -> pl.DataFrame:
        """Count the requests that have a duration by time, endpoint and histogram bucket."""
        return add_up(
            (self._coarse, *self._endpoint, Key.of(self.classified["bucket"])), self._column("timed"), {}
        )

    def upstreams(self) -> pl.DataFrame:
        """Count the requests that reached an upstream, with the upstream's own status and duration."""
        upstream, status = self.classified["upstream_addr"], self.classified[f"{UPSTREAM}status"]
        own = Key.of(upstream.alias("upstream")), Key.of(status.alias("status"))
        requests, slow, timed = (self._column(UPSTREAM + name) for name in ("requests", "slow", "timed"))
        sums = {"slow": slow, "timed": timed, "duration_us": self._column(f"{UPSTREAM}duration_us")}
        return add_up((self._coarse, *self._endpoint, *own), requests, sums)

    def attributes(self) -> pl.DataFrame:
        """Count the requests by time and value of each attribute that the log has."""
        names = (name for name in (*ATTRIBUTES, *SERVED_BY.values()) if name in self.classified.columns)
        columns = map(self.classified.get_column, names)
        found = [self._attribute(column) for column in columns if column.null_count() < len(column)]
        return pl.concat(found) if found else pl.DataFrame(schema=TABLES["attributes"].schema)

    def excluded(self, exclusions: Sequence[Exclusion]) -> pl.DataFrame:
        """Count the requests that no indicator counts, by time and reason."""
        left_out = self.classified.select("time", "rule").filter(~self.classified["requests"])
        rules = Key.of(left_out["rule"])
        reasons = pl.Series("reason", [exclusions[rule].reason for rule in rules.values], dtype=pl.String)
        keys = (_in_buckets(left_out["time"], self.bucket_s), rules.mapped(reasons))
        return add_up(keys, np.ones(len(left_out), dtype=bool), {})

    def exemplars(self) -> pl.DataFrame:
        """Return a few example requests that failed and a few that were slow."""
        needed = [name for name in EXEMPLARS if name != "kind"]
        rows = self.classified.lazy()
        kinds = {"error": pl.col("errors"), "slow": pl.col("slow")}
        chosen = [rows.filter(flag).select(*needed, kind=pl.lit(kind)) for kind, flag in kinds.items()]
        given = pl.concat(chosen).collect(engine="in-memory")
        return tabulate("exemplars", given, self.bucket_s, self.coarse_bucket_s)

    @cached_property
    def _fine(self) -> Key:
        return _in_buckets(self.classified["time"], self.bucket_s)

    @cached_property
    def _coarse(self) -> Key:
        return _in_buckets(self.classified["time"], self.coarse_bucket_s)

    @cached_property
    def _endpoint(self) -> tuple[Key, Key]:
        return Key.of(self.classified["method"]), Key.of(self.classified["route"])

    def _column(self, name: str) -> npt.NDArray[Any]:
        return self.classified[name].to_numpy()

    def _attribute(self, column: pl.Series) -> pl.DataFrame:
        having = self._column("requests") & column.is_not_null().to_numpy()
        sums = {name: self._column(name) & having for name in ("errors", "slow", "timed")}
        rows = add_up((self._coarse, _values(column.alias("value"), having)), having, sums)
        name = pl.Series("attribute", [column.name]).new_from_index(0, len(rows))
        return rows.hstack([name])[list(TABLES["attributes"].schema)]


def _in_buckets(times: pl.Series, width_s: int) -> Key:
    """Return the start of each time's bucket as a key.

    Buckets are `width_s` seconds wide and aligned to the epoch.
    """
    width_us = width_s * 1_000_000
    buckets = Key.of(times.to_physical() // width_us)
    return Key(buckets.numbers, (buckets.values * width_us).cast(TIME_US))


def _values(column: pl.Series, having: Bools) -> Key:
    """Return an attribute's values as a key, with all but the `VALUES_KEPT` smallest hashes as `OTHER`."""
    if isinstance(column.dtype, pl.Categorical):
        key = Key.of(column)
        if len(key.values) <= VALUES_KEPT:
            return key
    rows = np.flatnonzero(having)
    values = column[rows].cast(pl.String)
    kept = np.flatnonzero(are_kept(values).to_numpy())
    apart = Key.of(values[kept])
    numbers = np.zeros(len(column), dtype=np.intp)
    numbers[rows[kept]] = apart.numbers + 1
    return Key(numbers, pl.concat([pl.Series(column.name, [OTHER]), apart.values]))
