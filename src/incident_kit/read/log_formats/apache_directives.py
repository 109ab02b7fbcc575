"""The meaning of each directive of Apache's `LogFormat`, one row a directive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind


def _user(value: pl.Expr) -> pl.Expr:
    """Read a user's name. Apache writes an empty one as two quotes."""
    return converters.escaped_text(value.replace('""', ""))


def _plain_user(value: pl.Expr) -> pl.Expr:
    return converters.text(value.replace('""', ""))


def _hexadecimal(value: pl.Expr) -> pl.Expr:
    return value.str.to_integer(base=16, dtype=pl.Int64, strict=False)


def _bracketed(value: pl.Expr) -> pl.Expr:
    return kinds.CLF_TIME.read(value.str.strip_chars("[]"))


ADDRESS = Kind(converters.text, pattern=r"\S+?")
HOST = Kind(converters.text, pattern=r"[^\s,:/\[\]]+?|\[[0-9A-Fa-f:.]+\]")
NAME = Kind(converters.text, pattern=r"-|[^\s.:\[]+")
USER = replace(kinds.ESCAPED_USER, read=_user, read_plain=_plain_user)
TIME = Kind(_bracketed, pattern=rf"\[{kinds.CLF_TIME.pattern}\]", width=28)
# Apache logs the path after decoding it, so it may hold spaces.
PATH = Kind(converters.escaped_text, read_plain=converters.text, pattern=r"[^?]*?", plain=r'[^?\s\\"]*')
QUERY = Kind(converters.query, pattern=r"(?:\?\S*)?|-", plain=r'(?:\?[^\s\\"]*)?')
NUMBER = Kind(lambda value: value.cast(pl.Float64, strict=False))
STATUS = Kind(converters.whole, pattern=r"\d{3}|-")
HEXADECIMAL = Kind(_hexadecimal, pattern=r"[0-9a-f]+|-")
REQUEST = Kind(converters.text, pattern=r".*?", plain=kinds.REQUEST_LINE.plain)

# An X-Forwarded-For header without quotes around it ends where the list of proxies ends.
FORWARDED = replace(kinds.MAY_HAVE_SPACES, pattern=rf"{kinds.PROXIES}|.*?", plain=kinds.PROXIES)

# The key is the letter and the parameter in lower case (None: without a parameter). A directive that has no
# column is kept in `extra` under its own spelling, because that is the name its author looks for.
DIRECTIVES: Mapping[tuple[str, str | None], Variable] = {
    ("a", None): Variable("client_ip", kinds.FORWARDED),
    ("a", "c"): Variable("%{c}a", ADDRESS),
    ("h", None): Variable("client_ip", kinds.FORWARDED),
    ("h", "c"): Variable("%{c}h", ADDRESS),
    ("A", None): Variable("%A", ADDRESS),
    ("l", None): Variable("%l", NAME),
    ("u", None): Variable("user", USER),
    ("t", None): Variable("timestamp", TIME),
    ("r", None): Variable("request", REQUEST),
    ("m", None): Variable("method", ADDRESS),
    ("U", None): Variable("path", PATH, opening="/"),
    ("q", None): Variable("query", QUERY, opening="?"),
    ("H", None): Variable("http_version", kinds.PROTOCOL),
    ("s", None): Variable("status", STATUS),
    ("b", None): Variable("bytes_sent", kinds.WHOLE),
    ("B", None): Variable("bytes_sent", kinds.WHOLE),
    ("O", None): Variable("bytes_sent", kinds.WHOLE),
    ("I", None): Variable("%I", kinds.WHOLE),
    ("S", None): Variable("%S", kinds.WHOLE),
    # Tomcat's, the time to the first byte.
    ("F", None): Variable("%F", kinds.MILLISECONDS),
    ("D", None): Variable("duration_ms", kinds.MICROSECONDS),
    ("T", None): Variable("duration_ms", kinds.SECONDS),
    ("T", "s"): Variable("duration_ms", kinds.SECONDS),
    ("T", "ms"): Variable("duration_ms", kinds.MILLISECONDS),
    ("T", "us"): Variable("duration_ms", kinds.MICROSECONDS),
    ("v", None): Variable("host", HOST),
    ("V", None): Variable("host", HOST),
    ("p", None): Variable("%p", kinds.WHOLE),
    ("p", "canonical"): Variable("%{canonical}p", kinds.WHOLE),
    ("p", "local"): Variable("%{local}p", kinds.WHOLE),
    ("p", "remote"): Variable("client_port", kinds.WHOLE),
    ("P", None): Variable("%P", kinds.WHOLE),
    ("P", "pid"): Variable("%{pid}P", kinds.WHOLE),
    ("P", "tid"): Variable("%{tid}P", kinds.WHOLE),
    ("P", "hextid"): Variable("%{hextid}P", HEXADECIMAL),
    ("k", None): Variable("%k", kinds.WHOLE),
    ("^FB", None): Variable("%^FB", kinds.WHOLE),
    ("^FU", None): Variable("%^FU", kinds.WHOLE),
    ("L", None): Variable("request_id", ADDRESS),
    ("X", None): Variable("%X", Kind(converters.text, pattern=r"[X+-]")),
    ("f", None): Variable("%f", kinds.MAY_HAVE_SPACES),
    ("R", None): Variable("%R", kinds.MAY_HAVE_SPACES),
}
# Units of durations. Where one line has several durations, the finest becomes `duration_ms`, because the
# others are rounded.
UNITS_FINEST_FIRST = (kinds.MICROSECONDS, kinds.MILLISECONDS, kinds.SECONDS)
# Request headers that have a column.
HEADERS: Mapping[str, Variable] = {
    "referer": Variable("referer", kinds.MAY_HAVE_SPACES),
    "user-agent": Variable("user_agent", kinds.MAY_HAVE_SPACES),
    "host": Variable("host", kinds.MAY_HAVE_SPACES),
    "x-forwarded-for": Variable("%", FORWARDED),
    "x-request-id": Variable("request_id", kinds.MAY_HAVE_SPACES),
    "traceparent": Variable("trace", kinds.TRACE),
    "b3": Variable("trace", kinds.TRACE),
    "x-b3-traceid": Variable("trace", kinds.TRACE),
    "x-amzn-trace-id": Variable("trace", kinds.TRACE),
}
# Environment variables that modules set; mod_unique_id sets UNIQUE_ID.
ENVIRONMENT: Mapping[tuple[str, str], Variable] = {
    ("e", "UNIQUE_ID"): Variable("request_id", kinds.MAY_HAVE_SPACES)
}

# Forms of `%{...}t` that are not strftime: the time since 1970, in so many units a second, and the fraction
# of the second, in so many digits.
EPOCHS = {"sec": 1, "msec": 1_000, "usec": 1_000_000}
FRACTIONS = {"msec_frac": 3, "usec_frac": 6}
STRFTIME = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{2}", "d": r"\d{2}", "e": r"[ \d]\d", "j": r"\d{3}",
    "H": r"\d{2}", "k": r"[ \d]\d", "I": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}", "p": r"[AP]M", "s": r"\d+",
    "F": r"\d{4}-\d{2}-\d{2}", "D": r"\d{2}/\d{2}/\d{2}", "T": r"\d{2}:\d{2}:\d{2}", "R": r"\d{2}:\d{2}",
    "a": r"[A-Za-z]{3}", "A": r"[A-Za-z]+", "b": r"[A-Za-z]{3}", "B": r"[A-Za-z]+",
    "z": r"[+-]\d{2}:?\d{2}|Z", "Z": r"[A-Za-z]+", "n": r"\s", "t": r"\s", "%": "%",
}  # fmt: skip


def variable_of(letter: str, parameter: str | None, written: str) -> Variable:
    """Return the meaning of a directive; one without a row is kept in `extra` under its own spelling."""
    if letter == "i" and parameter and parameter.lower() in HEADERS:
        row = HEADERS[parameter.lower()]
        return Variable(written, row.kind) if row.column == "%" else row
    if parameter is not None and (letter, parameter) in ENVIRONMENT:
        return ENVIRONMENT[letter, parameter]
    key = (letter, parameter.lower() if parameter else None)
    row = DIRECTIVES.get(key, Variable("%", kinds.MAY_HAVE_SPACES))
    return Variable(written, row.kind) if row.column.startswith("%") else row


def strftime_pattern(form: str) -> str:
    """Return the regular expression that matches times in a strftime form."""
    pieces = re.split(r"%(.)", form)
    texts, letters = pieces[::2], pieces[1::2]
    tokens = [f"(?:{STRFTIME.get(letter, r'.+?')})" for letter in letters]
    return "".join(re.escape(text) + token for text, token in zip(texts, [*tokens, ""], strict=True))
