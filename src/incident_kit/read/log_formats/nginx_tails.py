"""What nginx's formats have after a ready-made one: `name=value` pairs, which each log spells out itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat, Specialise, Variable
from incident_kit.read.layouts.template import Part, Template
from incident_kit.read.layouts.template_string import slot, template
from incident_kit.read.log_formats.nginx_variables import TAIL_NAMES, VARIABLES

# Of a list, as of upstreams, the values after the first have no name.
VALUE = re.compile(
    r' (?:([A-Za-z_][\w.-]*)=)?(?:("(?:[^"\\]|\\.)*")|(?:[^\s",]|,(?! ))*(?:(?:,| :) [^\s"=,]+(?=,? |$))*)'
)
# A log has one shape of tail, a few while its format is being changed; more shapes than these are no shapes.
MOST_SHAPES = 20
Shape = tuple[tuple[str, bool], ...]


def named_tails(
    name: str, string: str, tail: str, variables: Mapping[str, Variable] = VARIABLES
) -> Specialise:
    """Return what makes a format of each shape of tail in the lines, the commonest first.

    The tail, a group of the pattern `tail`, follows what a `log_format` string writes.
    """

    def specialise(tailed: LogFormat, lines: pl.Series) -> list[LogFormat]:
        tails = lines.str.extract(tail).drop_nulls()
        shapes = Counter(shape for one in tails if (shape := _shape(one)))
        whole = template(string, variables)
        return [_with_tail(tailed, name, whole, shape) for shape, _ in shapes.most_common(MOST_SHAPES)]

    return specialise


def _shape(tail: str) -> Shape:
    """Return what stands before each value of a tail, ` rt=`, and whether the value is quoted.

    Nothing where no value has a name, or where the tail is no list of values. The first one may touch the
    agent: between the two strings of a `log_format` a blank is forgotten easily.
    """
    spaced = tail if tail.startswith(" ") else f" {tail}"
    values = list(VALUE.finditer(spaced))
    if "".join(value[0] for value in values) != spaced or not any(value[1] for value in values):
        return ()
    before = [f" {value[1]}=" if value[1] else " " for value in values]
    before[0] = before[0] if spaced == tail else before[0].lstrip()
    return tuple((label, value[2] is not None) for label, value in zip(before, values, strict=True))


def _with_tail(tailed: LogFormat, name: str, before_tail: Template, shape: Shape) -> LogFormat:
    parts: list[Part] = [*before_tail.parts]
    joint = str(parts.pop()) if isinstance(parts[-1], str) else ""
    names = [before.strip(" =") for before, _ in shape]
    for label, (before, quoted) in zip(names, shape, strict=True):
        quote = '"' if quoted else ""
        parts += [
            f"{joint}{before}{quote}",
            slot(TAIL_NAMES.get(label, label or "tail"), parts, VARIABLES, quoted=quoted),
        ]
        joint = quote
    parts += [joint] if joint else []
    named = " ".join([name, *(label or "-" for label in names)])
    return replace(tailed, name=named, layout=Template(tuple(parts)), open_ended=False, specialise=None)
