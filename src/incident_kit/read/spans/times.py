"""Times and lengths of time as text or numbers of any unit, as nanoseconds."""

from __future__ import annotations

import polars as pl

from incident_kit.schema import TIME_NS

# Epoch times of this century have a size of their own in every unit: (below this, times this is ns).
EPOCH_UNITS = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1_000))


def epoch_ns(times: pl.Series) -> pl.Series:
    """Return nanoseconds since 1970 for times, for texts of times (UTC unless they say) and for numbers."""
    if isinstance(times.dtype, pl.Datetime):
        return times.cast(TIME_NS if times.dtype.time_zone else pl.Datetime("ns")).to_physical()
    if times.dtype == pl.String and not times.drop_nulls().str.contains(r"^[0-9.]+$").all():
        return calendar_ns(times)
    if times.dtype == pl.String and not times.str.contains(".", literal=True).any():
        times = times.cast(pl.Int64)
    elif times.dtype == pl.String:
        times = times.cast(pl.Float64)
    return (times * epoch_unit(times)).round().cast(pl.Int64)


def calendar_ns(times: pl.Series) -> pl.Series:
    """Return nanoseconds since 1970 for texts of dates and times, UTC unless they say; null for any other."""
    zoned = times.str.replace("T", " ").str.replace(r"(Z| ?UTC)?$", "+00:00")
    zoned = zoned.str.replace(r"([+-]\d\d:?\d\d)\+00:00$", "$1")
    return zoned.str.to_datetime("%Y-%m-%d %H:%M:%S%.f%z", time_unit="ns", strict=False).to_physical()


def epoch_unit(times: pl.Series) -> int:
    """Return the unit of epoch times, in nanoseconds."""
    return next((ns for below, ns in EPOCH_UNITS if (times < below).all()), 1)
