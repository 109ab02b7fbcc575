"""Turn texts, numbers and addresses, as servers write them, into typed values.

A value that is not set becomes null, never zero.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

import polars as pl

from incident_kit.read.values.escapes import unescape
from incident_kit.read.values.rewriting import rewrite_matching

Converter = Callable[[pl.Expr], pl.Expr]

# What servers write for a value that is not set.
NOT_SET = ("-", "")
# ASCII's digits only: those of other scripts are no numbers of a server, and cannot be counted with.
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
LAST_STATUS = 999
# Servers separate values with ASCII blanks; other blanks of Unicode stand within values that clients sent.
BLANKS = r"\t\n\v\f\r "


def text(value: pl.Expr) -> pl.Expr:
    """Return text unchanged, null if it is not set."""
    return pl.when(is_set(value)).then(value)


def is_set(value: pl.Expr) -> pl.Expr:
    """Return whether a server wrote a value at all."""
    return pl.all_horizontal(value != word for word in NOT_SET)


def query(value: pl.Expr) -> pl.Expr:
    """Return a query without the question mark that some servers write before it, null if it is not set."""
    return text(value.str.strip_prefix("?"))


def escaped_text(value: pl.Expr) -> pl.Expr:
    """Return text with the server's escapes undone, null if it is not set."""
    return unescape(text(value))


def plain_whole(value: pl.Expr) -> pl.Expr:
    """Read a whole number; -1, which servers write for "never happened", becomes null."""
    number = value.cast(pl.Int64, strict=False)
    return pl.when(number >= 0).then(number)


def whole(value: pl.Expr) -> pl.Expr:
    """Read a whole number. Where some of a column are missing, pandas writes the others as `499.0`."""
    return plain_whole(value.str.strip_suffix(".0"))


def plain_status(value: pl.Expr) -> pl.Expr:
    """Read a status of HTTP; other numbers, such as the 20000 of a program's own results, become null."""
    number = plain_whole(value)
    return pl.when(number <= LAST_STATUS).then(number)


def http_status(value: pl.Expr) -> pl.Expr:
    """Read a status of HTTP, after which its reason may stand: `200 OK`."""
    number = rewrite_matching(value, r"^\d{3} ", lambda written: written[:3])
    return plain_status(number.str.strip_suffix(".0"))


def digits(value: pl.Expr) -> pl.Expr:
    """Read text that is known to be digits."""
    return value.cast(pl.Int16, strict=False)


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
