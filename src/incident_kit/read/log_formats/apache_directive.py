"""One directive of Apache's `LogFormat`: its modifiers, its parameter, and what its value means."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.log_formats.apache_directives import EPOCHS, FRACTIONS, meaning, strftime_pattern
from incident_kit.read.values import readings
from incident_kit.read.values.kinds import Kind

DIRECTIVE = re.compile(r"%(?P<modifiers>(?:[<>!,\d]|\{[^}]*\})*)(?P<letter>\^t[io]|\^F[BU]|[A-Za-z%])")
PARAMETER = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Directive:
    """One directive of a LogFormat: `%>s`, `%{Referer}i`, `%!200,304{ms}T`."""

    written: str
    letter: str
    parameter: str | None
    conditional: bool
    original: bool

    @classmethod
    def of(cls, found: re.Match[str]) -> Directive:
        """Read one directive."""
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
        """The form of a time that is not Apache's usual one, without `begin:` or `end:`."""
        if self.letter != "t" or self.parameter is None:
            return None
        return re.sub(r"^(?:begin|end):", "", self.parameter) or None

    @property
    def ends(self) -> bool:
        """Whether it is a time of the end."""
        return self.letter == "t" and (self.parameter or "").startswith("end:")

    @property
    def variable(self) -> Variable:
        """What the value means; a time is always there, except for statuses that it is left out for."""
        if self.letter != "t":
            return meaning(self.letter, self.parameter, self.written)
        time = self._time
        if not self.conditional:
            return time
        return replace(time, kind=replace(time.kind, pattern=f"{time.kind.pattern}|-"))

    @property
    def _time(self) -> Variable:
        form = self.time_form
        if form is None:
            return meaning("t", None, self.written)
        if form in EPOCHS:
            return Variable("timestamp", Kind(readings.epoch(EPOCHS[form]), pattern=r"\d+"))
        pattern = r"\d+" if form in FRACTIONS else strftime_pattern(form)
        return Variable(self.written, Kind(readings.text, pattern=pattern))


def _is_original(letter: str, modifiers: str) -> bool:
    """Return whether the value is the original request's, not that of the one it was redirected to within.

    The last of `<` and `>` counts; these directives are about the original request by default.
    """
    marks = [mark for mark in modifiers if mark in "<>"]
    return marks[-1] == "<" if marks else letter in "sUTDr"
