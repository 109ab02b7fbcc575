"""Replace a zone's name at the end of a time, such as CEST, by its offset, if the name is unambiguous.

A name is used if the zone of the log has that name at some time of that year, or else if all places that have
used the name since 2015 mean the same by it. CST (Chicago, Shanghai, Havana), IST, PST and the like have
several meanings and are never guessed; those times are not read.

Source: the IANA time zone database; names on which it and common use differ (AST, BST, GST, SST) are left
out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from incident_kit.read.values.rewriting import rewrite_matching

OFFSETS: Mapping[str, str] = {
    "UTC": "+0000", "GMT": "+0000", "WET": "+0000", "WEST": "+0100", "CET": "+0100", "CEST": "+0200",
    "EET": "+0200", "EEST": "+0300", "SAST": "+0200", "EAT": "+0300", "WIB": "+0700", "HKT": "+0800",
    "JST": "+0900", "ACST": "+0930", "ACDT": "+1030", "AEST": "+1000", "AEDT": "+1100", "AWST": "+0800",
    "NZST": "+1200", "NZDT": "+1300", "EST": "-0500", "EDT": "-0400", "MST": "-0700", "MDT": "-0600",
    "PDT": "-0700", "AKST": "-0900", "AKDT": "-0800", "HST": "-1000",
}  # fmt: skip
NAMED = r"[A-Z]{3,5}\]?$"
# Go writes the offset before the name.
TIME = re.compile(r"(.*?\d)(?: ([+-]\d{4}))? ?([A-Z]{3,5})(\]?)")
YEAR = re.compile(r"[12]\d{3}(?!\d)")
WINTER_AND_SUMMER = 1, 7


def with_offsets(value: pl.Expr, tz: str) -> pl.Expr:
    """Replace the zone's name at the end of times by its offset; leave times with an ambiguous name."""
    return rewrite_matching(value, NAMED, partial(_with_offset, tz))


def _with_offset(tz: str, time: str) -> str:
    found, year = TIME.fullmatch(time), YEAR.search(time)
    if not found or not year:
        return time
    offset = found[2] or offset_of(found[3], int(year[0]), tz)
    return f"{found[1]} {offset}{found[4]}" if offset else time


def offset_of(name: str, year: int, tz: str) -> str | None:
    """Return the offset that a name means in the zone `tz`, or else everywhere; None if it is ambiguous."""
    for month in WINTER_AND_SUMMER:
        local = datetime(year, month, 1, tzinfo=ZoneInfo(tz))
        if local.tzname() == name:
            return f"{local:%z}"
    return OFFSETS.get(name)
