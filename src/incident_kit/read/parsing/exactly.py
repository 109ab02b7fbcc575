"""The exact path: parse lines with one format after the other, until one fits.

It costs a regular expression for each line and format, or a JSON decoder. It reads what the fast path cannot
prove: values with escapes, lists of upstream attempts, malformed request lines, lines in another format. A
line that no format fits is rejected with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from incident_kit.read.cutting.cutter import LINE_NUMBER
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.no_requests import what_it_is
from incident_kit.read.parsing.prefilter import possible_formats
from incident_kit.read.parsing.proven import read_lines_proven
from incident_kit.read.parsing.read_settings import ReadSettings
from incident_kit.read.parsing.requests import UNREADABLE, plan_requests
from incident_kit.read.parsing.wrapper_table import CERTAIN_WRAPPERS, LINE_ENDS, Wrapper

ZONE_NAMED = r"\d\d:\d\d:\d\d(?:[.,]\d+)? [A-Z]{3,5}\b"
WHICH_ZONE = "The zone in its time is called so in several places, or in none; say which it is (tz=, --tz)."
# Fewer lines than this are parsed faster than a fast path is set up.
FEW = 2_000
REJECTS = {"line_number": pl.Int64, "line": pl.String, "reason": pl.String}


@dataclass(frozen=True)
class Parsed:
    """The outcome for some lines: requests, rejected lines, and which line numbers each format read."""

    requests: pl.DataFrame
    rejected: pl.DataFrame
    read_by: tuple[tuple[LogFormat, pl.Series], ...]


def read_exactly(lines: pl.DataFrame, formats: Sequence[LogFormat], settings: ReadSettings) -> Parsed:
    """Parse each line with the first of the formats that fits it, or else what is inside the line.

    Lines that fit none are tried once more with the first format, loosely. The requests are in the order of
    their lines. The fast path has already taken the first format's proven lines out. If many lines are left
    for another format, its fast path takes out those it can prove as well.
    """
    left = lines.filter(pl.col("line").str.strip_chars() != "")
    parts, unreadable, left = _read_all(left, formats, settings)
    refused = [unreadable]
    for wrapper in CERTAIN_WRAPPERS:
        inside = _inside(left, wrapper)
        if inside.is_empty():
            continue
        found, unreadable, unread = _read_all(inside, formats, settings)
        refused.append(unreadable)
        read = inside.join(unread, on=LINE_NUMBER, how="anti")
        parts, left = [*parts, *found], left.join(read, on=LINE_NUMBER, how="anti", maintain_order="left")
    refused.append(left.select(LINE_NUMBER, "line", reason=_reason(formats[0])))
    frames = [frame for _, frame in parts if len(frame)] or [settings.nothing()]
    return Parsed(
        pl.concat(frames).sort(LINE_NUMBER) if len(frames) > 1 else frames[0],
        pl.concat(refused).sort(LINE_NUMBER),
        tuple((row, frame[LINE_NUMBER]) for row, frame in parts if len(frame)),
    )


def _inside(lines: pl.DataFrame, wrapper: Wrapper) -> pl.DataFrame:
    """Return what is inside the lines that a wrapper is around; a piece of a line is none."""
    whole = True if wrapper.goes_on is None else ~wrapper.goes_on
    inside = pl.when(whole).then(wrapper.inside.str.strip_chars_end(LINE_ENDS))
    return lines.with_columns(line=inside).filter(pl.col("line").str.strip_chars() != "")


def _read_all(
    left: pl.DataFrame, formats: Sequence[LogFormat], settings: ReadSettings
) -> tuple[list[tuple[LogFormat, pl.DataFrame]], pl.DataFrame, pl.DataFrame]:
    """Return the requests that each format reads, the lines whose time cannot be read, and those left."""
    parts: list[tuple[LogFormat, pl.DataFrame]] = []
    refused = [pl.DataFrame(schema=REJECTS)]
    others = (
        ()
        if formats[0].exclusive
        else possible_formats(left, [row for row in formats[1:] if not row.exclusive])
    )
    for row in (formats[0], *others, *loosened(formats[0])):
        for variant in _variants(row, left):
            if len(left) > FEW and any(row is other for other in others):
                proven, left = read_lines_proven(left, variant, settings)
                parts.append((variant, proven))
            frame, unreadable, left = _read_with(left, variant, settings)
            parts.append((variant, frame))
            refused.append(unreadable)
    return parts, pl.concat(refused), left


def _reason(log_format: LogFormat) -> pl.Expr:
    """Return the reason why a line that fits no format is rejected."""
    again = ", and other lines only tell its requests again" if log_format.exclusive else ""
    return pl.coalesce(*what_it_is(), pl.lit(f"It does not fit {log_format.name}{again}."))


def _unread_time(log_format: LogFormat) -> pl.Expr:
    """Return the reason why a line with an unreadable time is rejected."""
    named = any(variable.kind.named for variable in log_format.variables.values())
    unknown = pl.col("line").str.contains(ZONE_NAMED) & named
    plain = pl.lit(f"Its time cannot be read as {log_format.name}.")
    return pl.when(unknown).then(pl.lit(WHICH_ZONE)).otherwise(plain)


def loosened(log_format: LogFormat) -> tuple[LogFormat, ...]:
    """Return the looser variant of a format, which reads more lines with less proof, or nothing."""
    layout = log_format.layout.loosened()
    return () if layout is None else (replace(log_format, layout=layout),)


def _variants(log_format: LogFormat, lines: pl.DataFrame) -> tuple[LogFormat, ...]:
    """Return the format after its specialised variants for these lines; nothing if there are no lines."""
    if lines.is_empty():
        return ()
    special = log_format.specialised_for(log_format, lines["line"]) if log_format.specialised_for else ()
    return (*special, log_format)


def _read_with(
    lines: pl.DataFrame, log_format: LogFormat, settings: ReadSettings
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the requests, the lines whose time cannot be read, and the lines that do not fit."""
    values = log_format.layout.split(lines)
    fitting, left = values.filter("matched"), lines.filter(~values["matched"])
    if fitting.is_empty():
        return settings.nothing(), pl.DataFrame(schema=REJECTS), lines
    plan = plan_requests(fitting.columns, log_format, settings, plain=False)
    frame = plan.carry_out(fitting.lazy()).collect(engine="in-memory")
    unreadable = fitting.filter(frame[UNREADABLE]).select(
        LINE_NUMBER, "line", reason=_unread_time(log_format)
    )
    return frame.filter(~pl.col(UNREADABLE)).drop(UNREADABLE), unreadable, left
