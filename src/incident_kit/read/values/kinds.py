"""Kinds: the ways in which a value is written in a log, each with its pattern and its converter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from incident_kit.read.values.converters import (
    NUMBER,
    Converter,
    above_zero,
    digits,
    escaped_text,
    first_of_list,
    forwarded_client,
    http_status,
    last_of_list,
    percent_decoded,
    plain_status,
    plain_whole,
    query,
    text,
    whole,
    without_port,
)
from incident_kit.read.values.durations import milliseconds, summed_seconds, unit_duration
from incident_kit.read.values.instants import any_instant, epoch_seconds, instant


@dataclass(frozen=True)
class Kind:
    """One way of writing a value.

    `pattern` matches every legal value. `plain` matches those that need neither unescaping nor splitting,
    which is what the fast path can prove, and `read_plain` reads those. `width` is the number of characters
    if that is fixed. A `bounded` kind includes the blank before it, so nothing need stand beside it. A
    `named` kind is a time that may end with the name of its zone. `read_in` reads a value that depends on the
    zone of the log.
    """

    read: Converter
    read_plain: Converter | None = None
    pattern: str | None = None
    plain: str | None = None
    width: int | None = None
    bounded: bool = False
    named: bool = False
    read_in: Callable[[pl.Expr, str], pl.Expr] | None = None

    @property
    def unquoted(self) -> Kind:
        """The kind without quotes around it.

        A value that is not plain may hold blanks, up to where the rest of the line fits.
        """
        return replace(self, pattern=f"{self.plain}|.*?")

    @property
    def proof(self) -> str | None:
        """The pattern of values that can be taken as they stand; None if any text without escapes can."""
        return self.plain or self.pattern


# A name or an address, optionally with a port. Some logs hide parts of an address behind an x or a star. If
# other letters stand before a colon, they are the name of a file or a logger, put before the address.
PEER = r"(?:[^\s,:/\"]+(?::\d*)?|\[?[0-9A-Fa-fXx*]*:[0-9A-Fa-fXx*.:]*:[0-9A-Fa-fXx*.:]*(?:%\w+)?\]?(?::\d+)?)"
# A peer without a port and without brackets.
BARE_PEER = r"(?:[^\s,:/\"\[\]]+|[0-9A-Fa-fXx*]*:[0-9A-Fa-fXx*.:]*:[0-9A-Fa-fXx*.:]*(?:%\w+)?)"
# No colon alone: between blanks it parts two attempts.
ATTEMPT = r'[^\s,":][^\s,"]*'
# As short as the rest of the line allows: the separator of a format may occur in a later value too.
LIST = rf"{ATTEMPT}?(?:(?:, ?| : ){ATTEMPT}?)*?"

TEXT = Kind(escaped_text, read_plain=text)
BARE = Kind(text, pattern=r"\S+")
ADDRESS = Kind(forwarded_client, read_plain=text, pattern=rf"{PEER}(?:,{PEER})*", plain=BARE_PEER)
# Where a forwarded-for header stands in place of the address, it is a list: the client, then proxies.
PROXIES = rf"{PEER}(?:, ?{PEER})*"
FORWARDED = replace(ADDRESS, pattern=PROXIES)
CLIENT = Kind(text, pattern=PEER)
# A name may have several words, the first of which is not a dash. An address, or a dash after the first word,
# belongs to another field.
NAME = r"(?:[\d.]*[^\d.\s]\S*|\d*)"
FIRST_WORD = r"(?:[\d.]*[^-\d.\s]\S*|[\d.]*-\S+|\d+)"
USER = Kind(text, pattern=rf"{NAME}|{FIRST_WORD}(?: [A-Za-z]\S*)+", plain=NAME)
# A Windows domain stands before the user, separated by a backslash, which servers escape. A user without a
# name is written as two quotes.
ESCAPED_USER = replace(
    USER,
    read=lambda value: escaped_text(value.str.replace('^"([^"]*)"$', "$1")),
    read_plain=text,
    plain=r"(?:[\d.]*[^\d.\s\\\"][^\s\\\"]*|\d*)",
)
# As short as the rest of the line allows, so that it may be empty.
SHORT_WORD = Kind(text, pattern=r"\S*?", plain=r"[^\s\"]*?")
LAST_OF_LIST = Kind(last_of_list)
# A time, or the prefix of `kubectl logs --prefix`, may stand before a line where a host does, but is none.
# LiteSpeed writes the host between quotes.
HOST = Kind(
    lambda value: text(value.str.strip_chars('"')),
    read_plain=text,
    pattern=r"[^\s,:/\[\]\"]+(?::\d*)?|\[[0-9A-Fa-f:.]+\](?::\d+)?|\"[^\s\"]+\"",
    plain=r"[^\s,:/\[\]\"]+(?::\d*)?",
)
FIRST_OF_LIST = Kind(first_of_list)
WITHOUT_PORT = Kind(without_port)
ABOVE_ZERO = Kind(above_zero)
PERCENT_DECODED = Kind(percent_decoded)
QUERY = Kind(query)
ANY_TIME = Kind(any_instant, named=True, read_in=any_instant)
DURATION_IN_UNITS = r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+"
UNIT_DURATION = Kind(unit_duration, pattern=rf"{DURATION_IN_UNITS}|-")
# Some servers write the dash of a missing value without quotes.
QUOTED_OR_DASH = Kind(
    lambda value: text(value.str.strip_prefix('"').str.strip_suffix('"')), pattern=r'"[^"]*"|-'
)
WITHOUT_SCHEME = Kind(lambda value: text(value.str.replace(r"^[a-z]+://", "")))
REST = Kind(lambda value: text(value.str.strip_chars()), pattern=r" .+", bounded=True)
OPTIONAL_REST = replace(REST, pattern=r"(?: .+)?", plain=r"(?: [^\"]+)?")
QUESTION_MARK = Kind(text, pattern=r"\??", bounded=True)
PROTOCOL = Kind(
    lambda value: text(value.str.strip_prefix("HTTP/")),
    pattern=r"HTTP/\d(?:\.\d)?|-?",
    plain=r"HTTP/\d(?:\.\d)?",
)
WHOLE = Kind(whole, read_plain=plain_whole, pattern=r"-?\d+|-")
ANY_STATUS = Kind(http_status, read_plain=plain_status, pattern=r"-?\d+|-")
STATUS = Kind(whole, read_plain=digits, pattern=r"\d{3}|-", plain=r"\d{3}", width=3)
STATUS_OR_NONE = Kind(above_zero, pattern=r"-?\d+|-")
SECONDS = Kind(milliseconds(1000), pattern=rf"{NUMBER}|-")
MILLISECONDS = Kind(milliseconds(1), pattern=rf"{NUMBER}|-")
MICROSECONDS = Kind(milliseconds(0.001), pattern=rf"{NUMBER}|-")
NANOSECONDS = Kind(milliseconds(0.000001), pattern=rf"{NUMBER}|-")
CLF_TIME = Kind(
    instant("%d/%b/%Y:%H:%M:%S %z"),
    pattern=r"\d{2}/[A-Za-z]{3}/[12]\d{3}:\d{2}:\d{2}:\d{2} [+-]\d{4}",
    width=26,
)
ISO_TIME = Kind(instant("%+"), pattern=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
EPOCH_SECONDS = Kind(epoch_seconds, pattern=r"\d+(?:\.\d+)?")

# Values of several parts, split in `requests`, `upstreams` and `trace_headers`.
REQUEST_LINE = Kind(text, plain=r"[A-Z]+ /[^\s\\\"]* HTTP/\d(?:\.\d)?")
URL_REQUEST_LINE = Kind(text, plain=r"[A-Z]+ https?://[^\s/?#\\\"]+/[^\s\\\"]* HTTP/\d(?:\.\d)?")
# A value that may hold blanks, but rarely does.
MAY_HAVE_SPACES = replace(TEXT, pattern=r".*?", plain=r'[^\s\\"]*?')
# Text without quotes that may hold blanks ends where the rest of the line fits. Its plain pattern stands in a
# group, so that the fast path matches the rest of the line too, and does not stop at the first text that
# might follow.
UNQUOTED = replace(TEXT, pattern=r".*?", plain=r"(?:[^\s\"\\]*?)")
UPSTREAM_LIST = Kind(text, pattern=rf"(?:{LIST})?", plain=rf"(?:{ATTEMPT})?")
TRACE = Kind(
    text,
    plain=r"(?:[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|Root=1-[0-9a-f]{8}-[0-9a-f]{24}|[0-9a-f]{32}|-)?",
)
UPSTREAM_SUM = Kind(
    summed_seconds, read_plain=milliseconds(1000), pattern=rf"(?:{LIST})?", plain=rf"(?:{NUMBER}|-)?"
)
