"""The shapes of tails after nginx's formats: the meaning of each value, by its name or by its form.

Named values are read by their names: in ` rt=0.250 urt=0.204`, `rt` is `$request_time`. Unnamed values, as in
` 0.250 HIT`, are read if their form shows what they are: nginx writes durations, and nothing else, with
exactly three decimals, and of two durations the longer one is the request's. gunicorn's `%(L)s` are seconds
with six decimals. Other configurations write a duration's unit beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from incident_kit.read.log_formats.nginx_variables import TAIL_NAMES
from incident_kit.read.values import kinds

# A value, with its name or without. A list, as of upstreams (`0.1, 0.1`), is one value with one name.
VALUE = re.compile(
    r' (?:([A-Za-z_][\w.-]*)=)?(?:("(?:[^"\\]|\\.)*")|(?:[^\s",]|,(?! ))*(?:(?:,| :) [^\s"=,]+(?=,? |$))*)'
)
# A number with more digits before the decimal point is `$msec`, the time at which the request was over.
SECONDS = r"\d{1,6}\.\d{3}"
TIMER, TIMERS = re.compile(SECONDS), re.compile(rf"(?:{SECONDS}|-)(?:(?:, ?| : )(?:{SECONDS}|-))*")
PAIR = re.compile(rf'(?:^| )"?{SECONDS}"? "?{SECONDS}"?(?: |$)')
NO_DIGITS = str.maketrans("123456789", "0" * 9)
# The names of unnamed values, by the pattern that gives them away.
FORM_OF = {
    "http_traceparent": re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
    "http_x_amzn_trace_id": re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}"),
    "unit_duration": re.compile(kinds.DURATION_IN_UNITS),
    "seconds": re.compile(r"\d{1,4}\.\d{6}"),
}
TIMES, UNIT = ("request_time", "upstream_response_time"), "ms"
# The two durations may come from different clocks, so the longer one may seem shorter by this many ms.
ROUNDING = 1


@dataclass(frozen=True)
class Value:
    """One value of a tail: the space and name before it, the variable it is, and whether it is quoted.

    A `listed` one is a list with blanks in it, as of upstreams.
    """

    prefix: str
    name: str
    quoted: bool
    listed: bool = False

    @property
    def label(self) -> str:
        """The name that the line gives the value, or else the variable that it was recognised as."""
        return self.prefix.strip(" =") or (self.name if self.name != "tail" else "-")


Shape = tuple[Value, ...]


def shapes_of(tails: pl.Series) -> Counter[Shape]:
    """Count the tails of each shape; tails that are no list of known values are left out."""
    alike = _grouped_by_form(tails)
    swapped = _upstream_first([_values(one) for group in alike if PAIR.search(group[0]) for one in group])
    shapes = Counter[Shape]()
    for group in alike:
        shapes[_shape(group[0], swapped=swapped)] += len(group)
    del shapes[()]
    return shapes


def _grouped_by_form(tails: pl.Series) -> list[list[str]]:
    """Return the tails in groups that differ in digits only. All tails of one group have one shape."""
    groups: dict[str, list[str]] = {}
    for one in tails:
        groups.setdefault(one.translate(NO_DIGITS), []).append(one)
    return list(groups.values())


def _values(tail: str) -> list[re.Match[str]]:
    """Return the values of a tail; empty if the tail is no list of values."""
    spaced = tail if tail.startswith(" ") else f" {tail}"
    values = list(VALUE.finditer(spaced))
    return values if "".join(value[0] for value in values) == spaced else []


def _shape(tail: str, *, swapped: bool) -> Shape:
    """Return the shape of a tail; empty if no value has a name and none shows what it is.

    The first value may touch the user agent, because a space between the two strings of a `log_format` is
    easily forgotten.
    """
    values = _values(tail)
    labels = [value[1] or "" for value in values]
    names = [TAIL_NAMES.get(label, label) for label in labels]
    recognised = {} if {*TIMES} & {*names} else _recognised(values, swapped=swapped)
    if not any(labels) and not recognised:
        return ()
    prefixes = [f" {label}=" if label else " " for label in labels]
    prefixes[0] = prefixes[0] if tail.startswith(" ") else prefixes[0].lstrip()
    return tuple(
        Value(prefix, name or recognised.get(place, "tail"), value[2] is not None, " " in value[0].strip())
        for place, (prefix, name, value) in enumerate(zip(prefixes, names, values, strict=True))
    )


def _recognised(values: Sequence[re.Match[str]], *, swapped: bool) -> dict[int, str]:
    """Return the variables that unnamed values show to be, by place: timers, unit durations, trace ids."""
    texts = _unnamed(values)
    recognised = {
        place: name
        for place, text in enumerate(texts)
        for name, form in FORM_OF.items()
        if form.fullmatch(text)
    }
    first = next((place for place, text in enumerate(texts) if TIMER.fullmatch(text)), None)
    # Two numbers of six digits may be where on earth a client is.
    if first is not None or [*recognised.values()].count("seconds") > 1:
        recognised = {place: name for place, name in recognised.items() if name != "seconds"}
    if first is None or "unit_duration" in recognised.values():
        return recognised
    following = texts[first + 1] if first + 1 < len(texts) else ""
    if following == "ms":
        return recognised | {first: "milliseconds", first + 1: UNIT}
    if not TIMERS.fullmatch(following):
        return recognised | {first: TIMES[0]}
    return recognised | dict(zip((first, first + 1), reversed(TIMES) if swapped else TIMES, strict=True))


def _upstream_first(tails: Sequence[Sequence[re.Match[str]]]) -> bool:
    """Return whether the second of two timers is the longer one over all tails, and so the request's."""
    later = earlier = 0
    for values in tails:
        pairs = pairwise(_unnamed(values))
        first, second = next((pair for pair in pairs if all(map(TIMER.fullmatch, pair))), ("0.000", "0.000"))
        earlier, later = earlier + int(first.replace(".", "")), later + int(second.replace(".", ""))
    return later > earlier + ROUNDING * len(tails)


def _unnamed(values: Sequence[re.Match[str]]) -> list[str]:
    """Return the values without their quotes, and empty text in place of each value that has a name."""
    return ["" if value[1] else value[0].strip().strip('"') for value in values]
