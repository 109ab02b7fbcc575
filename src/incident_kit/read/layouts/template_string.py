"""Compile format strings with `$name` variables, as nginx writes them, into templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from incident_kit.errors import FormatStringError
from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.layouts.template import Part, Slot, Template
from incident_kit.read.values.kinds import TEXT

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def template(string: str, variables: Mapping[str, Variable], *, escaped: bool = True) -> Template:
    """Return the template for a string such as `$remote_addr [$time_local] "$request"`.

    `escaped` says whether the server writes backslash escapes.

    Raises
    ------
    FormatStringError
        If the string names no variable, or two variables touch, so that no line could be split.
    """
    parts: list[Part] = []
    place = 0
    for found in VARIABLE.finditer(string):
        if found.start() > place:
            parts.append(string[place : found.start()])
        elif parts:
            before = _ended(parts.pop(), variables.get(found[1] or found[2]))
            if before is None:
                raise FormatStringError(
                    f"In {string!r} {found[0]} touches the variable before it; separate them."
                )
            parts.append(before)
        quoted = string[: found.start()].count('"') % 2 == 1
        parts.append(slot(found[1] or found[2], parts, variables, quoted=quoted))
        place = found.end()
    if not parts:
        raise FormatStringError(
            f"{string!r} names no variable; give a string such as '$remote_addr $status'."
        )
    return Template((*parts, string[place:]) if string[place:] else tuple(parts), escaped=escaped)


def _ended(before: Part, after: Variable | None) -> Part | None:
    """Return the part before a variable, bounded by where the variable begins; None if that is ambiguous."""
    if isinstance(before, str) or before.kind.bounded:
        return before
    if after and after.opening:
        return before.up_to(after.opening)
    return before if after and after.kind.bounded else None


def slot(name: str, before: Sequence[Part], variables: Mapping[str, Variable], *, quoted: bool) -> Slot:
    """Return the slot of a variable; one that occurs again gets a number, so that both values are kept."""
    times = sum(isinstance(part, Slot) and part.name.partition("#")[0] == name for part in before)
    kind = variables[name].kind if name in variables else TEXT
    return Slot(f"{name}#{times + 1}" if times else name, kind, quoted)
