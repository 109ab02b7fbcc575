"""Compiler from Apache's `LogFormat` strings to formats, driven by the table of directives.

For example `%h %l %u %t "%r" %>s %b` becomes a template of seven slots with fixed text between them. A string
may hold several directives of one meaning (`%T` and `%D`, `%s` and `%>s`); the best one fills the column, and
the others are kept in `extra` under their own spelling.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from incident_kit.errors import FormatStringError
from incident_kit.read.layouts.log_format import LogFormat, Sample, TimestampIs, Variable
from incident_kit.read.layouts.template import RAW, Part, Slot, Template
from incident_kit.read.layouts.template_string import parts_of, touching
from incident_kit.read.log_formats.apache_directive import DIRECTIVE, Directive
from incident_kit.read.log_formats.apache_directives import FRACTIONS, NUMBER, UNITS_FINEST_FIRST
from incident_kit.read.values import converters, instants
from incident_kit.read.values.kinds import Kind

CONFIGURED = re.compile(r'\s*LogFormat\s+"((?:[^"\\]|\\.)*)"\s*\S*\s*')
# This header gives the client's address where the format does not log the address itself.
FORWARDED = re.compile(r"%(?:[<>!,\d])*\{x-forwarded-for\}i", re.IGNORECASE)
# Letters of times, statuses and connection states. Their values have a fixed form, so others may touch them.
FIXED_FORM_LETTERS = frozenset("tsX")
# The escapes that httpd undoes in a LogFormat string of its configuration.
ESCAPE, ESCAPED = re.compile(r'\\(["\\tn])'), {"t": "\t", "n": "\n"}
EXAMPLE = '%h %l %u %t "%r" %>s %b'


def named_format(
    string: str,
    name: str,
    description: str,
    *samples: Sample,
    aliases: tuple[str, ...] = (),
    priority: int = 0,
    tail: Kind | None = None,
) -> LogFormat:
    """Return the format that a `LogFormat` string describes, under the given name.

    With a `tail`, the line may go on after the string; what follows is kept in `extra`.

    Raises
    ------
    FormatStringError
        If the string names no directive, or if two directives touch, because no line could be split then.
    """
    parts, directives = _parsed(string)
    parts += [Slot("tail", tail)] if tail else []
    moment = _moment(directives)
    return LogFormat(
        name,
        description,
        Template(tuple(parts)),
        _meanings(directives, moment) | ({"tail": Variable("tail", tail)} if tail else {}),
        moment,
        samples,
        _timestamp(directives, moment) | _client(directives),
        open_ended=tail is not None,
        aliases=aliases,
        priority=priority,
    )


def as_configured(string: str) -> str:
    """Return the string of a `LogFormat` directive, or of its text in httpd.conf, with escapes undone."""
    directive = CONFIGURED.fullmatch(string)
    string = directive[1] if directive else string
    return ESCAPE.sub(lambda found: ESCAPED.get(found[1], found[1]), string)


def _parsed(string: str) -> tuple[list[Part], dict[str, Directive]]:
    """Return the parts of a `LogFormat` string, and its directives by the names of their slots."""
    directives: dict[str, Directive] = {}

    def slot_of(found: re.Match[str], parts: list[Part], quoted: bool) -> Slot:
        directive = Directive.of(found)
        times = sum(one.written == directive.written for one in directives.values())
        label = f"{directive.written}#{times + 1}" if times else directive.written
        if parts and isinstance(before := parts[-1], Slot):
            if opening := directive.variable.opening:
                parts[-1] = before.up_to(opening) or before
            elif FIXED_FORM_LETTERS.isdisjoint((directives[before.name].letter, directive.letter)):
                raise touching(string, found, "directive")
        directives[label] = directive
        return _slot(label, directive.variable, quoted=quoted)

    needed = f"directive; give the LogFormat string, such as {EXAMPLE!r}"
    return [*parts_of(string, DIRECTIVE, slot_of, needed)], directives


def _slot(label: str, variable: Variable, *, quoted: bool) -> Slot:
    """Return the slot of a directive; quoted text ends at the quote, other text where the rest fits."""
    kind = variable.kind
    if quoted and (kind.pattern or "").endswith(".*?"):
        kind = Kind(kind.read, kind.read_plain, plain=kind.plain if variable.column == "request" else None)
    return Slot(label, kind, quoted)


def _meanings(directives: Mapping[str, Directive], moment: TimestampIs) -> dict[str, Variable]:
    """Return the meanings of the directives, ranked: the first of those with one column fills that column.

    Further durations are kept in `extra` as the numbers they are, under their own spelling, because the
    spelling says the unit. So are the times of the moment that the timestamp does not record.
    """
    ranked = sorted(directives, key=lambda label: _rank(directives[label]))
    meanings = {label: directives[label].variable for label in ranked}
    durations = [label for label in ranked if meanings[label].column == "duration_ms"]
    others = directives.keys() - _times_of(directives, moment).keys()
    others = {label for label in others if directives[label].letter == "t"}
    return (
        meanings
        | {label: Variable(label, NUMBER) for label in durations[1:]}
        | {label: Variable(label, replace(meanings[label].kind, read=converters.text)) for label in others}
    )


def _rank(directive: Directive) -> tuple[bool, int, bool]:
    """Rank directives of one meaning: unconditional first, then finer units, then final before original."""
    kind = directive.variable.kind
    coarseness = UNITS_FINEST_FIRST.index(kind) if kind in UNITS_FINEST_FIRST else 0
    return directive.conditional, coarseness, directive.original


def _moment(directives: Mapping[str, Directive]) -> TimestampIs:
    """Return the moment that the timestamp records: the one given in more `%t` directives; start on a tie."""
    ends = [one.ends for one in directives.values() if one.letter == "t"]
    return "end" if sum(ends) > len(ends) / 2 else "start"


def _times_of(directives: Mapping[str, Directive], moment: TimestampIs) -> dict[str, Directive]:
    """Return the `%t` directives that give the time of the given moment."""
    at_end = moment == "end"
    return {label: one for label, one in directives.items() if one.letter == "t" and one.ends == at_end}


def _timestamp(directives: Mapping[str, Directive], moment: TimestampIs) -> dict[str, pl.Expr]:
    """Return the timestamp that several directives make up together: a date and a zone, or a fraction too."""
    times = _times_of(directives, moment)
    given = {label: one.time_form for label, one in times.items()}
    if whole := {given[label] for label, one in times.items() if one.variable.column == "timestamp"}:
        return _with_fraction(given) if whole <= {None, "sec"} else {}
    forms = {label: form for label, form in given.items() if form}
    if not forms:
        return {}
    written = " ".join(f"%{FRACTIONS[form]}f" if form in FRACTIONS else form for form in forms.values())
    text = pl.concat_str([pl.col(RAW + label) for label in forms], separator=" ")
    written = written.replace("%R", "%H:%M")  # which polars does not know
    read = instants.instant if "%z" in written else instants.local_instant
    _check_readable(read(written), written)
    return {"timestamp": read(written)(text)}


def _check_readable(read: converters.Converter, form: str) -> None:
    """Raise if a form of time cannot be read: it says half a time of day, or polars does not know it."""
    try:
        with warnings.catch_warnings(action="error"):
            pl.select(read(pl.lit("")))
    except (pl.exceptions.PolarsError, pl.exceptions.PolarsWarning) as error:
        raise FormatStringError(
            f"Times written as {form!r} cannot be read; log %t, or such as %{{%Y-%m-%d %H:%M:%S %z}}t."
        ) from error


def _with_fraction(given: Mapping[str, str | None]) -> dict[str, pl.Expr]:
    """Return the timestamp, which is in whole seconds, with the finest of the fractions given."""
    digits = {label: FRACTIONS[form] for label, form in given.items() if form in FRACTIONS}
    if not digits:
        return {}
    finest = max(digits, key=lambda label: digits[label])
    fraction = pl.col(RAW + finest).cast(pl.Int64, strict=False).fill_null(0) * 10 ** (6 - digits[finest])
    return {"timestamp": pl.col("timestamp") + pl.duration(microseconds=fraction)}


def _client(directives: Mapping[str, Directive]) -> dict[str, pl.Expr]:
    """Return the client from an X-Forwarded-For header, where the string logs no address."""
    header = next((label for label in directives if FORWARDED.fullmatch(label)), None)
    if header is None or any(one.variable.column == "client_ip" for one in directives.values()):
        return {}
    return {"client_ip": converters.forwarded_client(pl.col(RAW + header))}
