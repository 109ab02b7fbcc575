"""Say which names of a user's mapping no line has: a misspelt one would leave its column empty unseen."""

from __future__ import annotations

from collections.abc import Sequence

from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.wrappers import Wrapper, unwrap
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.paths import Source
from incident_kit.wording import count, listed


def unseen_names(log_format: LogFormat, sample: Block, wrappers: Sequence[Wrapper]) -> str | None:
    """Return the sentence that says which mapped names have no value in a sample; None if all have one."""
    if not log_format.mapped:
        return None
    split = log_format.layout.split(unwrap(sample, wrappers).block.lines())
    unseen = [
        f"{name} ({log_format.variable(name).column})"
        for name in log_format.mapped
        if RAW + name not in split.columns or split[RAW + name].null_count() == len(split)
    ]
    if not unseen:
        return None
    first = f"the first {count(len(split), 'line')} of {Source(sample.source).title}"
    return (
        f"No value of {listed(unseen, 'or')} is in {first}; check how the lines spell what the mapping names."
    )
