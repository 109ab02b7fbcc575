"""Convert times and durations, given as text or as numbers of any unit, to nanoseconds."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.schema import TIME_NS

# The size of an epoch time of this century tells its unit: (upper bound, nanoseconds per unit).
EPOCH_UNITS = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1_000))


def epoch_ns(times: pl.Series) -> pl.Series:
    """Return nanoseconds since 1970 for times, numbers, or text of either (UTC unless it has an offset)."""
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone:
        return times.cast(TIME_NS).to_physical()
    if isinstance(times.dtype, pl.Datetime | pl.Date):
        return times.cast(pl.Datetime("ns")).to_physical()
    if times.dtype == pl.String and not times.drop_nulls().str.contains(r"^[0-9.]+$").all():
        return calendar_ns(times)
    if times.dtype.is_nested():
        return pl.Series([None], dtype=pl.Int64).new_from_index(0, len(times))
    if times.dtype == pl.String and not times.str.contains(".", literal=True).any():
        times = times.cast(pl.Int64, strict=False)
    elif not times.dtype.is_float():
        times = times.cast(pl.Float64 if times.dtype == pl.String else pl.Int64, strict=False)
    return (times * epoch_unit(times)).round().cast(pl.Int64, strict=False)


def calendar_ns(times: pl.Series) -> pl.Series:
    """Return nanoseconds since 1970 for dates and times as text (UTC unless it has an offset); else null."""
    zoned = times.str.replace(r"(\d)T", "$1 ").str.replace(r"(Z| ?UTC)?$", "+00:00")
    zoned = zoned.str.replace(r"([+-]\d\d:?\d\d)\+00:00$", "$1")
    return zoned.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="ns", strict=False).to_physical()


def epoch_unit(times: pl.Series) -> int:
    """Return the unit of epoch times, in nanoseconds."""
    return next((ns for below, ns in EPOCH_UNITS if (times < below).all()), 1)


def microseconds_ns(times: Sequence[int | float | None]) -> pl.Series:
    """Return the nanoseconds of microseconds. If all are whole numbers, none is converted to a float."""
    if float in set(map(type, times)):
        return (pl.Series(times, dtype=pl.Float64, strict=False) * 1000).cast(pl.Int64, strict=False)
    return pl.Series(times, dtype=pl.Int64, strict=False) * 1000
