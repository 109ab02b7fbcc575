"""Read times, as servers write them: with an offset or without, or as a number of seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl

from incident_kit.read.values.converters import Converter
from incident_kit.read.values.rewriting import rewrite_matching
from incident_kit.read.values.time_zones import each_to_utc
from incident_kit.schema import TIME_US

CLOCKS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
"""All clocks lie between these, even those that were never set (1970, 1980)."""
# A time in the year 5138; a number with more digits is no time in this unit.
LATEST_EPOCH = 10**11 - 1
MAX_INT64 = 2**63 - 1
# Since 1973, the seconds since 1970 have at least nine digits. A shorter number under the name of a time is a
# duration.
MIN_EPOCH_DIGITS = 9
ZONELESS = ("%Y-%m-%dT%H:%M:%S%.f", "%d/%b/%Y:%H:%M:%S%.f")
# Times that need rewriting: Caddy writes a date with slashes, Python a fraction after a comma, Ruby a blank
# before the offset, PostgreSQL an offset of hours alone. HTTP's times begin with a weekday; Go's end with the
# zone's name after its offset. Kibana exports `Oct 10, 2026 @ 13:55:36.250`. Java writes numbers with an
# exponent. Exponents of three or more digits are not read: no time has a thousand digits, and an exponent of
# nine digits would stand for a thousand million.
ODD_TIME = (
    r"^\d{4}/\d\d/|\d,\d+(?:$|Z| ?[+-])|^\d{4}-.*\d [+-]\d\d:?\d\d(?:$| [A-Z])|:\d\d(?:\.\d+)?[+-]\d\d$"
    r"|^[A-Z][a-z]{2}, \d\d |^\d\d/[A-Z][a-z]{2}/\d{4} |^\d\.\d+[eE]\+?\d{1,2}$"
    r"|^[A-Z][a-z]{2} \d{1,2}, \d{4} @ \d"
)
EXPONENT = re.compile(r"\d\.\d+[eE]\+?\d{1,2}")
GO_ZONE = re.compile(r"( [+-]\d{4}) [A-Z]\w*(?: m=\S+)?$")
HOURS_ALONE = re.compile(r"(:\d\d(?:\.\d+)?[+-]\d\d)$")
HTTP_TIME = re.compile(r"\w+, (\d\d) (\w{3}) (\d{4}) ([\d:]{8}) ([+-]\d{4})")
KIBANA_TIME = re.compile(r"(\w{3} \d{1,2}, \d{4}) @ (\d\d:\d\d:\d\d)(\.\d+)?")


def instant(form: str) -> Converter:
    """Return a converter of times with an offset, written as `form` (strftime)."""
    return lambda value: value.str.to_datetime(form, time_unit="us", strict=False).dt.convert_time_zone("UTC")


def epoch_seconds(value: pl.Expr) -> pl.Expr:
    """Read seconds since 1970, whole and fraction apart: together they have too many digits for a float."""
    whole_seconds = value.str.extract(r"^(\d{1,11})(?:\.|$)").cast(pl.Int64, strict=False)
    fraction = value.str.extract(r"(\.\d+)$").cast(pl.Float64, strict=False).fill_null(0)
    return (whole_seconds * 1_000_000 + (fraction * 1_000_000).round().cast(pl.Int64)).cast(TIME_US)


def epoch(per_second: int) -> Converter:
    """Return a converter of whole units since 1970; a second has `per_second` units."""
    # Divide for units finer than a microsecond, because nanoseconds times a million would overflow 64 bits.
    factor, divisor = max(1, 1_000_000 // per_second), max(1, per_second // 1_000_000)

    def read(value: pl.Expr) -> pl.Expr:
        number = value.cast(pl.Int64, strict=False)
        possible = number.is_between(0, min(LATEST_EPOCH * per_second, MAX_INT64))
        return pl.when(possible).then(number * factor // divisor).cast(TIME_US)

    return read


def local_instant(form: str) -> Converter:
    """Return a converter of times without an offset, written as `form`; a later step assigns the zone."""
    return lambda value: value.str.to_datetime(form, time_unit="us", strict=False)


def any_instant(value: pl.Expr, tz: str = "UTC") -> pl.Expr:
    """Read a time in any of the ways that JSON logs use; the number of digits tells the unit of an epoch.

    `1791640536`, `1791640536250` (milliseconds), `2026-10-10T13:55:36Z` and `10/Oct/2026:13:55:36 +0000` are
    some. A time without a zone is in `tz`. Times with and without zones may be mixed.
    """
    value = rewrite_matching(value.str.strip_chars("[]"), ODD_TIME, _iso)
    digits = value.str.extract(r"^(\d+)(?:\.\d*)?$").str.len_bytes()
    whole_units = value.str.extract(r"^(\d+)")
    spaced = value.str.replace(" ", "T", literal=True)
    zoneless = pl.coalesce(local_instant(form)(spaced) for form in ZONELESS)
    time = pl.coalesce(
        pl.when(digits.is_between(MIN_EPOCH_DIGITS, 11)).then(epoch_seconds(value)),
        *(pl.when(digits == 10 + zeros).then(epoch(10**zeros)(whole_units)) for zeros in (3, 6, 9)),
        *(instant(form)(spaced) for form in ("%+", "%d/%b/%Y:%H:%M:%S%.fT%z")),
        each_to_utc(zoneless, tz),
    )
    # Go writes a time that was never set as one of the year 1; another key of the line may hold a real one.
    return pl.when(time.is_between(*CLOCKS)).then(time)


def _iso(time: str) -> str:
    if found := HTTP_TIME.fullmatch(time):
        day, month, year, clock, offset = found.groups()
        return f"{day}/{month}/{year}:{clock} {offset}"
    if found := KIBANA_TIME.fullmatch(time):
        return _of_kibana(*found.groups(""))
    if EXPONENT.fullmatch(time):
        return f"{Decimal(time):f}"
    if time[2] == "/":
        return time.replace(" ", ":", 1)
    plain = HOURS_ALONE.sub(r"\1:00", GO_ZONE.sub(r"\1", time))
    return plain.replace("/", "-").replace(",", ".").replace(" +", "+").replace(" -", "-")


def _of_kibana(day: str, clock: str, fraction: str) -> str:
    """Return a time in ISO 8601; the day as it is, if there is no such day."""
    try:
        return f"{datetime.strptime(day, '%b %d, %Y').date()}T{clock}{fraction}"  # noqa: DTZ007  a day has no zone
    except ValueError:
        return day
