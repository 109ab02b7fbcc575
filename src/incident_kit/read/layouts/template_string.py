"""Compile servers' format strings into templates: nginx's, with `$name` variables, and those of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from incident_kit.errors import FormatStringError
from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.layouts.template import Part, Slot, Template
from incident_kit.read.values.kinds import TEXT

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
SlotOf = Callable[[re.Match[str], list[Part], bool], Slot]
"""Returns the slot of a directive, given the parts before it, and whether it stands within quotes."""


def template(string: str, variables: Mapping[str, Variable], *, escaped: bool = True) -> Template:
    """Return the template for a string such as `$remote_addr [$time_local] "$request"`.

    `escaped` says whether the server writes backslash escapes.

    Raises
    ------
    FormatStringError
        If the string names no variable, or two variables touch, so that no line could be split.
    """

    def slot_of(found: re.Match[str], parts: list[Part], quoted: bool) -> Slot:
        name = found[1] or found[2]
        if parts and isinstance(before := parts[-1], Slot):
            ended = _ended(before, variables.get(name))
            if ended is None:
                raise touching(string, found, "variable")
            parts[-1] = ended
        return slot(name, parts, variables, quoted=quoted)

    needed = "variable; give a string such as '$remote_addr $status'"
    return Template(parts_of(string, VARIABLE, slot_of, needed), escaped=escaped)


def parts_of(string: str, directive: re.Pattern[str], slot_of: SlotOf, needed: str) -> tuple[Part, ...]:
    """Return the parts of a format string: its texts, and the slots of its directives.

    A directive that ends with `%` stands for a percent sign. `needed` says what the string must name, and
    what to do if it does not.

    Raises
    ------
    FormatStringError
        If the string names no directive.
    """
    parts: list[Part] = []
    place = 0
    for found in directive.finditer(string):
        is_sign = found[0].endswith("%")
        text, place = string[place : found.start()] + "%" * is_sign, found.end()
        parts += [text] if text else []
        if not is_sign:
            parts.append(slot_of(found, parts, string[: found.start()].count('"') % 2 == 1))
    if not any(isinstance(part, Slot) for part in parts):
        raise FormatStringError(f"{string!r} names no {needed}.")
    return (*parts, string[place:]) if string[place:] else tuple(parts)


def touching(string: str, found: re.Match[str], kind: str) -> FormatStringError:
    """Return the error that a directive touches another one, so that no line could be split."""
    return FormatStringError(f"In {string!r} {found[0]} touches the {kind} before it; separate them.")


def _ended(before: Slot, after: Variable | None) -> Slot | None:
    """Return the slot before a variable, bounded by where the variable begins; None if that is ambiguous."""
    if before.kind.bounded:
        return before
    if after and after.opening:
        return before.up_to(after.opening)
    return before if after and after.kind.bounded else None


def slot(name: str, before: Sequence[Part], variables: Mapping[str, Variable], *, quoted: bool) -> Slot:
    """Return the slot of a variable; one that occurs again gets a number, so that both values are kept."""
    times = sum(isinstance(part, Slot) and part.name.partition("#")[0] == name for part in before)
    kind = variables[name].kind if name in variables else TEXT
    return Slot(f"{name}#{times + 1}" if times else name, kind, quoted)
