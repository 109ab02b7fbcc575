"""How a value is written in a log, and how that becomes a typed value.

A kind is one row: `pattern` matches every legal writing, `plain` the writings that need neither
unescaping nor splitting (what the fast path can prove), `width` is the number of characters where that is
fixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from incident_kit.read.parsing.escapes import unescape
from incident_kit.schema import TIME_US

Read = Callable[[pl.Expr], pl.Expr]

# What servers write for "not set"; it becomes null, never zero.
NOT_SET = ("-", "")


@dataclass(frozen=True)
class Kind:
    """One way of writing a value: what it looks like and how it is read."""

    read: Read
    read_plain: Read | None = None
    pattern: str | None = None
    plain: str | None = None
    width: int | None = None

    @property
    def proof(self) -> str | None:
        """The pattern of what can be taken as it stands; None where any text without escapes can."""
        return self.plain or self.pattern


def text(value: pl.Expr) -> pl.Expr:
    """Take text as it stands; what is not set becomes null."""
    return pl.when(~value.is_in(NOT_SET)).then(value)


def escaped_text(value: pl.Expr) -> pl.Expr:
    """Take text and undo the server's escapes; what is not set becomes null."""
    return unescape(text(value))


def whole(value: pl.Expr) -> pl.Expr:
    """Read a whole number; -1, the servers' word for "never happened", becomes null."""
    number = value.cast(pl.Int64, strict=False)
    return pl.when(number >= 0).then(number)


def milliseconds(per_unit: float) -> Read:
    """Return the reading of a duration whose unit is `per_unit` milliseconds; a negative one becomes null.

    Rounded to nanoseconds: 0.057 s is 57 ms, not 57.00000000000001.
    """

    def read(value: pl.Expr) -> pl.Expr:
        number = value.cast(pl.Float64, strict=False)
        return pl.when(number >= 0).then((number * per_unit).round(6))

    return read


def instant(form: str) -> Read:
    """Return the reading of a time that carries its offset, written as `form` (strftime)."""
    return lambda value: value.str.to_datetime(form, time_unit="us", strict=False).dt.convert_time_zone("UTC")


def epoch(per_second: int) -> Read:
    """Return the reading of a time since 1970, counted in units of which a second has `per_second`."""

    def read(value: pl.Expr) -> pl.Expr:
        number = value.cast(pl.Float64, strict=False)
        return (number * (1_000_000 / per_second)).round().cast(pl.Int64, strict=False).cast(TIME_US)

    return read


def summed_seconds(value: pl.Expr) -> pl.Expr:
    """Return the sum, in milliseconds, of a list of seconds; null where none of them is a number."""
    parts = value.str.extract_all(NUMBER)
    total = parts.list.eval(pl.element().cast(pl.Float64)).list.sum()
    return pl.when(parts.list.len() > 0).then((total * 1000).round(6))


NUMBER = r"-?\d+(?:\.\d+)?"
LIST = r'[^\s,"]+(?:(?:, ?| : )[^\s,"]+)*'

TEXT = Kind(escaped_text, read_plain=text)
BARE = Kind(text, pattern=r"\S+")
USER = Kind(text, pattern=r".*?", plain=r"\S*")
REST = Kind(lambda value: value.str.strip_chars(), pattern=r" .+")
PROTOCOL = Kind(
    lambda value: value.str.strip_prefix("HTTP/"), pattern=r"HTTP/\d(?:\.\d)?|-?", plain=r"HTTP/\d(?:\.\d)?"
)
WHOLE = Kind(whole, pattern=r"-?\d+|-")
STATUS = Kind(whole, pattern=r"\d{3}|-", plain=r"\d{3}", width=3)
SECONDS = Kind(milliseconds(1000), pattern=rf"{NUMBER}|-")
MILLISECONDS = Kind(milliseconds(1), pattern=rf"{NUMBER}|-")
MICROSECONDS = Kind(milliseconds(0.001), pattern=rf"{NUMBER}|-")
NANOSECONDS = Kind(milliseconds(0.000001), pattern=rf"{NUMBER}|-")
CLF_TIME = Kind(
    instant("%d/%b/%Y:%H:%M:%S %z"),
    pattern=r"\d{2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}",
    width=26,
)
ISO_TIME = Kind(instant("%+"), pattern=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
EPOCH_SECONDS = Kind(epoch(1), pattern=NUMBER)

# Values of several parts, taken apart in `requests`, `upstreams` and `trace_headers`.
REQUEST_LINE = Kind(text, plain=r"[A-Z]+ /[^\s\\\"]* HTTP/\d(?:\.\d)?")
UPSTREAM_LIST = Kind(text, pattern=rf"(?:{LIST})?", plain=r"[^\s,\"]*")
TRACE = Kind(text, plain=r"(?:[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|[0-9a-f]{32}|-)?")
UPSTREAM_SUM = Kind(
    summed_seconds, read_plain=milliseconds(1000), pattern=rf"(?:{LIST})?", plain=rf"(?:{NUMBER}|-)?"
)
