"""Turn text, as servers write it, into typed values; a value that is not set becomes null, never zero."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote

import polars as pl

from incident_kit.read.values.escapes import unescape
from incident_kit.read.values.rewriting import rewrite_matching
from incident_kit.read.values.time_zones import each_to_utc
from incident_kit.schema import LONGEST_MS, TIME_US

Converter = Callable[[pl.Expr], pl.Expr]

# What servers write for a value that is not set.
NOT_SET = ("-", "")
# ASCII's digits only: those of other scripts are no numbers of a server, and cannot be counted with.
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
# Servers separate values with ASCII blanks; other blanks of Unicode stand within values that clients sent.
BLANKS = r"\t\n\v\f\r "
CLOCKS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
"""Between these all clocks are, those that were never set (1970, 1980) too."""
# A time in the year 5138; a number with more digits is no time in this unit.
LATEST_EPOCH = 10**11 - 1
MAX_INT64 = 2**63 - 1
# Since 1973, the seconds since 1970 have at least nine digits. A shorter number under the name of a time is a
# duration.
MIN_EPOCH_DIGITS = 9
# Go writes the micro sign (U+00B5), others write the Greek letter (U+03BC).
UNITS_MS = {
    "ns": 1e-6,
    "us": 1e-3,
    "\u00b5s": 1e-3,
    "\u03bcs": 1e-3,
    "ms": 1.0,
    "s": 1e3,
    "m": 6e4,
    "h": 3.6e6,
}
UNIT = f"({'|'.join(UNITS_MS)})"
# Start only at the first digit: starting at each of a million digits would take hours.
DURATION_PART = re.compile(rf"(?<!\d)(\d++(?:\.\d++)?) ?{UNIT}")
# A duration with its unit: `3.1ms`, `250 ms`, `1m2.5s`, or as ISO 8601 and Java write it, `PT1M2.5S`.
DURATION_WITH_UNIT = rf"^(?:(?:[0-9]+(?:\.[0-9]+)? ?{UNIT})+|PT(?:[0-9]+(?:\.[0-9]+)?[HMS])+)$"
# Times that need rewriting: Caddy writes a date with slashes, Python a fraction after a comma, Ruby a blank
# before the offset, PostgreSQL an offset of hours alone. HTTP's times begin with a weekday; Go's end with the
# zone's name after its offset. Java writes numbers with an exponent. Exponents of three or more digits are
# not read: no time has a thousand digits, and an exponent of nine digits would stand for a thousand million.
ODD_TIME = (
    r"^\d{4}/\d\d/|\d,\d+(?:$|Z| ?[+-])|^\d{4}-.*\d [+-]\d\d:?\d\d(?:$| [A-Z])|:\d\d(?:\.\d+)?[+-]\d\d$"
    r"|^[A-Z][a-z]{2}, \d\d |^\d\d/[A-Z][a-z]{2}/\d{4} |^\d\.\d+[eE]\+?\d{1,2}$"
)
EXPONENT = re.compile(r"\d\.\d+[eE]\+?\d{1,2}")
GO_ZONE = re.compile(r"( [+-]\d{4}) [A-Z]\w*(?: m=\S+)?$")
HOURS_ALONE = re.compile(r"(:\d\d(?:\.\d+)?[+-]\d\d)$")
HTTP_TIME = re.compile(r"\w+, (\d\d) (\w{3}) (\d{4}) ([\d:]{8}) ([+-]\d{4})")


def text(value: pl.Expr) -> pl.Expr:
    """Return text unchanged, null if it is not set."""
    return pl.when(is_set(value)).then(value)


def is_set(value: pl.Expr) -> pl.Expr:
    """Return whether a server wrote a value at all."""
    return pl.all_horizontal(value != word for word in NOT_SET)


def escaped_text(value: pl.Expr) -> pl.Expr:
    """Return text with the server's escapes undone, null if it is not set."""
    return unescape(text(value))


def whole(value: pl.Expr) -> pl.Expr:
    """Read a whole number; -1, which servers write for "never happened", becomes null."""
    number = value.cast(pl.Int64, strict=False)
    return pl.when(number >= 0).then(number)


def digits(value: pl.Expr) -> pl.Expr:
    """Read text that is known to be digits."""
    return value.cast(pl.Int16, strict=False)


def milliseconds(per_unit: float) -> Converter:
    """Return a converter of durations in units of `per_unit` milliseconds; impossible durations become null.

    Values are rounded to nanoseconds: 0.057 s is 57 ms, not 57.00000000000001.
    """
    return lambda value: _possible(value.cast(pl.Float64, strict=False) * per_unit)


def _possible(duration_ms: pl.Expr) -> pl.Expr:
    return pl.when(duration_ms.is_between(0, LONGEST_MS)).then(duration_ms.round(6))


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


ZONELESS = ("%Y-%m-%dT%H:%M:%S%.f", "%d/%b/%Y:%H:%M:%S%.f")


def _iso(time: str) -> str:
    if found := HTTP_TIME.fullmatch(time):
        day, month, year, clock, offset = found.groups()
        return f"{day}/{month}/{year}:{clock} {offset}"
    if EXPONENT.fullmatch(time):
        return f"{Decimal(time):f}"
    if time[2] == "/":
        return time.replace(" ", ":", 1)
    plain = HOURS_ALONE.sub(r"\1:00", GO_ZONE.sub(r"\1", time))
    return plain.replace("/", "-").replace(",", ".").replace(" +", "+").replace(" -", "-")


def unit_duration(value: pl.Expr) -> pl.Expr:
    """Return the milliseconds of a duration with a unit, `0.123s`, `1.5µs`, `1m2.5s`; else null."""
    single = rewrite_matching(value, r"^\d+[hm]\d|^PT\d", _summed_up)
    number = single.str.extract(rf"^(\d+(?:\.\d+)?) ?{UNIT}$").cast(pl.Float64, strict=False)
    unit = single.str.extract(rf"{UNIT}$").replace_strict(UNITS_MS, default=None, return_dtype=pl.Float64)
    return _possible(number * unit)


def _summed_up(duration: str) -> str:
    """Convert a duration of several parts, as Go or ISO 8601 writes it, to milliseconds."""
    duration = duration.removeprefix("PT").lower() if duration.startswith("PT") else duration
    if DURATION_PART.sub("", duration):
        return duration
    return f"{sum(float(part) * UNITS_MS[unit] for part, unit in DURATION_PART.findall(duration))}ms"


def last_of_list(value: pl.Expr) -> pl.Expr:
    """Return the last of a comma-separated list: the proxy that sent us the request."""
    return text(value.str.extract(rf"([^,{BLANKS}]+)[{BLANKS}]*$"))


def first_of_list(value: pl.Expr) -> pl.Expr:
    """Return the first of a comma-separated list: the client at the start of a chain of proxies."""
    return text(value.str.extract(rf"^[{BLANKS}]*([^,{BLANKS}]+)"))


def forwarded_client(value: pl.Expr) -> pl.Expr:
    """Return the client in a forwarded-for header, without its port."""
    return without_port(first_of_list(value))


def without_port(value: pl.Expr) -> pl.Expr:
    """Return an address without its port and brackets; an IPv6 address without brackets has no port."""
    return text(value.str.replace(r"^(\[.*\]|[^:]*):\d+$", "$1").str.strip_chars("[]"))


def above_zero(value: pl.Expr) -> pl.Expr:
    """Read a whole number; 0 means that it never happened and becomes null."""
    number = value.cast(pl.Int64, strict=False)
    return pl.when(number > 0).then(number)


def percent_decoded(value: pl.Expr) -> pl.Expr:
    """Undo percent-encoding in the rows that have any, twice if it was applied twice."""
    return rewrite_matching(text(value), "%", lambda written: unquote(unquote(written)))


def summed_seconds(value: pl.Expr) -> pl.Expr:
    """Return the sum, in milliseconds, of a list of seconds; null if none of them is a number."""
    parts = value.str.extract_all(NUMBER)
    total = parts.list.eval(pl.element().cast(pl.Float64)).list.sum()
    return pl.when(parts.list.len() > 0).then(_possible(total * 1000))
