"""Say which names of a user's mapping no line has: a misspelt one would leave its column empty unseen."""

from __future__ import annotations

import polars as pl

from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.wording import count, listed


def unseen_names(log_format: LogFormat, lines: pl.DataFrame, source: str) -> str | None:
    """Return the sentence that says which mapped names have no value in some lines; None if all have one."""
    if not log_format.mapped:
        return None
    split = log_format.layout.split(lines)
    unseen = [
        f"{name} ({log_format.variable(name).column})"
        for name in log_format.mapped
        if RAW + name not in split.columns or split[RAW + name].null_count() == len(split)
    ]
    if not unseen:
        return None
    first = count(len(lines), "line")
    return (
        f"No value of {listed(unseen, 'or')} is in the first {first} of {source}; check how the lines spell "
        "what the mapping names."
    )
