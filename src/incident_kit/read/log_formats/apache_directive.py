"""One directive of an Apache `LogFormat` string: its modifiers, its parameter and the meaning of its value.

A directive is `%`, modifiers, an optional `{parameter}` and a letter. In `%!200,304{ms}T` the letter is `T`,
the parameter is `ms`, and the modifier `!200,304` says that Apache writes `-` for those two statuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.log_formats.apache_directives import EPOCHS, FRACTIONS, strftime_pattern, variable_of
from incident_kit.read.values import converters, instants
from incident_kit.read.values.kinds import Kind

DIRECTIVE = re.compile(r"%(?P<modifiers>(?:[<>!,\d]|\{[^}]*\})*)(?P<letter>\^t[io]|\^F[BU]|[A-Za-z%])")
PARAMETER = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Directive:
    """One directive of a `LogFormat` string, such as `%>s`, `%{Referer}i` or `%!200,304{ms}T`.

    `conditional` directives are logged for some statuses only. `original` ones are about the request as the
    client sent it, not about the one that an internal redirect made of it.
    """

    written: str
    letter: str
    parameter: str | None
    conditional: bool
    original: bool

    @classmethod
    def of(cls, found: re.Match[str]) -> Directive:
        """Return the directive that a match of `DIRECTIVE` spells out."""
        modifiers = PARAMETER.sub("", found["modifiers"])
        parameter = PARAMETER.search(found["modifiers"])
        return cls(
            found[0],
            found["letter"],
            parameter[1] if parameter and parameter[1] else None,
            conditional=any(mark.isdigit() for mark in modifiers),
            original=_is_original(found["letter"], modifiers),
        )

    @property
    def time_form(self) -> str | None:
        """The strftime form or unit of a `%{...}t`, without `begin:` or `end:`; None for the usual form."""
        if self.letter != "t" or self.parameter is None:
            return None
        return re.sub(r"^(?:begin|end):", "", self.parameter) or None

    @property
    def ends(self) -> bool:
        """Whether the value is the time at which the request ended."""
        return self.letter == "t" and (self.parameter or "").startswith("end:")

    @property
    def variable(self) -> Variable:
        """The meaning of the value. A time is always there, except that a conditional one may be `-`."""
        if self.letter != "t":
            return variable_of(self.letter, self.parameter, self.written)
        time = self._time
        if not self.conditional:
            return time
        return replace(time, kind=replace(time.kind, pattern=f"{time.kind.pattern}|-"))

    @property
    def _time(self) -> Variable:
        form = self.time_form
        if form is None:
            return variable_of("t", None, self.written)
        if form in EPOCHS:
            return Variable("timestamp", Kind(instants.epoch(EPOCHS[form]), pattern=r"\d+"))
        # Of its own length, so that it may directly follow the seconds.
        pattern = rf"\d{{{FRACTIONS[form]}}}" if form in FRACTIONS else strftime_pattern(form)
        return Variable(self.written, Kind(converters.text, pattern=pattern))


def _is_original(letter: str, modifiers: str) -> bool:
    """Return whether a value is about the original request, not about an internal redirect's.

    The last of the modifiers `<` and `>` decides. Without either, the directives `%s`, `%U`, `%T`, `%D` and
    `%r` are about the original request.
    """
    marks = [mark for mark in modifiers if mark in "<>"]
    return marks[-1] == "<" if marks else letter in "sUTDr"
