"""Tails of nginx's formats: what a configuration adds after a ready-made format.

A tail is ` rt=0.250 urt=0.204` after `combined`, or ` 0.250 HIT`. `nginx_tail_shapes` finds the shapes of the
tails in a log, and each shape becomes a format of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat, SpecialisedFor, Variable
from incident_kit.read.layouts.template import Part, Template
from incident_kit.read.layouts.template_string import slot, template
from incident_kit.read.log_formats.nginx_tail_shapes import UNIT, Shape, shapes_of
from incident_kit.read.log_formats.nginx_variables import VARIABLES
from incident_kit.read.values import kinds

# A log has one shape of tail, or a few where its format was changed. With more than these, the tails have no
# common shape at all.
MAX_SHAPES = 20
VARIABLES_OF_TAILS = VARIABLES | {
    "unit_duration": Variable("duration_ms", kinds.UNIT_DURATION),
    "milliseconds": Variable("duration_ms", kinds.MILLISECONDS),
    "seconds": Variable("duration_ms", kinds.SECONDS),
}


def named_tails(
    name: str, string: str, tail: str, variables: Mapping[str, Variable] = VARIABLES
) -> SpecialisedFor:
    """Return a function that returns a format for each shape of tail in some lines, the commonest first.

    `string` is the `log_format` string before the tail. The pattern `tail` has one group, which is the tail.
    """

    def specialised_for(tailed: LogFormat, lines: pl.Series) -> list[LogFormat]:
        shapes = shapes_of(lines.str.extract(tail).drop_nulls())
        whole = template(string, variables)
        return [_with_tail(tailed, name, whole, shape) for shape, _ in shapes.most_common(MAX_SHAPES)]

    return specialised_for


def _with_tail(tailed: LogFormat, name: str, before_tail: Template, shape: Shape) -> LogFormat:
    """Return the format of the lines whose tail has a shape: the template before it, then a slot a value."""
    parts: list[Part] = [*before_tail.parts]
    joint = str(parts.pop()) if isinstance(parts[-1], str) else ""
    for value in shape:
        quote = '"' if value.quoted else ""
        if value.name == UNIT:
            joint += value.prefix + UNIT
            continue
        variables = VARIABLES_OF_TAILS
        if value.listed and not value.quoted and value.name not in variables:
            variables = variables | {value.name: Variable(value.name, kinds.UPSTREAM_LIST)}
        parts += [
            f"{joint}{value.prefix}{quote}",
            slot(value.name, parts, variables, quoted=value.quoted),
        ]
        joint = quote
    parts += [joint] if joint else []
    return replace(
        tailed,
        name=" ".join([name, *(value.label for value in shape)]),
        layout=Template(tuple(parts)),
        variables={**VARIABLES_OF_TAILS, **tailed.variables},
        # With unnamed values only, another format may know the whole line and so must go first.
        open_ended=not any("=" in value.prefix for value in shape),
        specialised_for=None,
    )
