"""Detection of the fields in IIS's W3C lines that no `#Fields:` line names.

The administrator chooses the fields, but IIS always writes them in the same order, so the shapes of the
values tell which ones were chosen. For example, in `2026-10-10 13:55:36 10.0.0.1 GET /x - 443 - 203.0.113.7
curl/8.5 200 0 0 15` an address precedes the method, so `s-ip` was chosen; one text and not two follow the
address of the client, so `cs(Referer)` was not; and the last number is `time-taken`.
Source: Microsoft, "W3C Extended Log File Format (IIS)".
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import polars as pl

from incident_kit.read.layouts.delimited import Delimited
from incident_kit.read.layouts.log_format import LogFormat

ADDRESS = r"[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*(?:%\d+)?"
NAME = r"~?[A-Za-z][\w.-]*"
# A text that is a number only is the status or one of the fields after it.
TEXT = r"(?!\d+ )\S+"
METHOD = r"[A-Z][A-Z-]* [/*]"
LINE_PATTERN = rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d (?:[^\s/]+ ){{0,3}}{METHOD}"
# IIS's fields in their order: the name, the pattern of the values, and whether the field may be missing.
FIELDS = (
    ("date", r"\d{4}-\d\d-\d\d", False),
    ("time", r"\d\d:\d\d:\d\d", False),
    ("s-sitename", rf"W3SVC\d+|{NAME}(?= {METHOD})", True),
    ("s-computername", rf"{NAME}(?= {ADDRESS} {METHOD})", True),
    ("s-ip", ADDRESS, True),
    ("cs-method", r"[A-Z][A-Z-]*", False),
    ("cs-uri-stem", r"[/*]\S*", False),
    ("cs-uri-query", r"\S+", False),
    ("s-port", r"\d+", False),
    ("cs-username", r"\S+", False),
    ("c-ip", rf"{ADDRESS}|-", False),
    ("cs-version", r"HTTP/\d(?:\.\d)?", True),
    ("cs(User-Agent)", r"\S+", False),
    ("headers", rf"{TEXT}(?: {TEXT}){{0,2}}", True),
    ("sc-status", r"\d{3}", False),
    ("sc-substatus", r"\d+", False),
    ("sc-win32-status", r"\d+", False),
    ("bytes", r"\d+ \d+", True),
    ("time-taken", r"\d+", True),
    ("custom", r"\S*[^\d\s]\S*(?: \S+)*", True),
)
LINE = re.compile(
    "".join(
        f"(?: (?P<f{place}>{pattern}))" + ("?" if optional else "")
        for place, (_, pattern, optional) in enumerate(FIELDS)
    )
)
HEADERS = {"cs(Cookie)": r"-|[^\s:/?=]+=\S*", "cs(Referer)": r"-|\w+://\S*", "cs-host": r"-|[^\s/=]+"}
ANY = r"\S+"
# The patterns of single values. Clients may send anything in a header.
SHAPES = {name: pattern for name, pattern, _ in FIELDS if not re.search(r"\(\?[=!]", pattern)}
# Combinations of the optional headers, the likeliest first. IIS logs the referer unless told otherwise.
CHOSEN = (
    ("cs(Referer)",), ("cs(Cookie)",), ("cs-host",),
    ("cs(Cookie)", "cs(Referer)"), ("cs(Cookie)", "cs-host"), ("cs(Referer)", "cs-host"),
    ("cs(Cookie)", "cs(Referer)", "cs-host"),
)  # fmt: skip
# The fields of a log change seldom, so lines with more choices than these are not a log of IIS.
MAX_CHOICES, MAX_LINES = 5, 200


def headless_formats(iis: LogFormat, lines: pl.Series) -> list[LogFormat]:
    """Return a format for each choice of fields that lines without a header show, the commonest first."""
    some = lines.filter(lines.str.contains(LINE_PATTERN)).head(MAX_LINES)
    choices = Counter(fields for line in some if (fields := fields_of(line)))
    return [_format_with_fields(iis, fields) for fields, _ in choices.most_common(MAX_CHOICES)]


def fields_of(line: str) -> tuple[str, ...]:
    """Return the names of the fields of a line; empty if the line is not one of IIS."""
    found = LINE.fullmatch(f" {line}")
    if found is None:
        return ()
    names: list[str] = []
    for value, (name, _, _) in zip(found.groups(), FIELDS, strict=True):
        if value is None:
            continue
        known = PARTS[name](value.split(" ")) if name in PARTS else (name,)
        if not known:
            return ()
        names += known
    return tuple(names)


def _headers(values: list[str]) -> tuple[str, ...]:
    """Return the likeliest combination of optional headers that fits the values; empty if none fits."""
    fitting = (
        names
        for names in CHOSEN
        if len(names) == len(values)
        and all(re.fullmatch(HEADERS[name], value) for name, value in zip(names, values, strict=True))
    )
    return next(fitting, ())


def _custom(values: list[str]) -> tuple[str, ...]:
    """Return the names of added fields: `custom-1` and so on, or first `X-Forwarded-For`.

    A list of addresses is taken for that header, because it is the usual addition.
    """
    forwarded = re.fullmatch(rf"{ADDRESS}(?:,\+?{ADDRESS})*", values[0])
    names = [f"custom-{place + 1}" for place in range(len(values))]
    return ("X-Forwarded-For", *names[1:]) if forwarded else tuple(names)


PARTS = {"headers": _headers, "bytes": lambda _: ("sc-bytes", "cs-bytes"), "custom": _custom}


def _format_with_fields(iis: LogFormat, fields: tuple[str, ...]) -> LogFormat:
    """Return IIS's format for lines without a header that have exactly these fields.

    Other choices may have as many fields, so every value must have the shape of its field.
    """
    shapes = " ".join(f"(?:{SHAPES.get(name, ANY)})" for name in fields)
    layout = Delimited(" ", ("cs-uri-stem",), fields, len(fields), line_pattern=f"^{shapes}$", headless=True)
    name = f"{iis.name} {' '.join(fields)}"
    return replace(iis, name=name, layout=layout, specialised_for=None)
