"""What holds for every line of a log, and how one format's values are to be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from incident_kit.read.parsing.log_format import LogFormat
from incident_kit.read.routes import Finder, route_finder
from incident_kit.schema import REQUESTS, Schema

# What a line itself tells.
OWN: Schema = {name: column for name, column in REQUESTS.items() if name != "source"}


@dataclass(frozen=True)
class Manner:
    """What holds for every line: the columns of REQUESTS that are wanted, and what the lines do not tell.

    `line_number` is always among the columns. `finder` finds the route of a path; `tz` is the zone of times
    written without one.
    """

    columns: Schema = field(default_factory=lambda: OWN)
    finder: Finder = field(default_factory=route_finder)
    tz: str = "UTC"


@dataclass(frozen=True)
class Reading:
    """How one format's values are to be read: `plain` ones need neither unescaping nor splitting."""

    log_format: LogFormat
    manner: Manner
    plain: bool
