"""What a log shows of attacks, and what looks like one: storms of logins, scanners, limits, broken endpoints.

These findings belong to no incident: guessing passwords breaks no promise while it lasts. Each module in
`incident_kit.diagnosis.threats` has one function `find(refusals)` that returns a `Finding` or None.
Networks are named, never single clients.
"""

from __future__ import annotations

import importlib
import pkgutil

import polars as pl

from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import refusals
from incident_kit.measure.rollups.rollup import Rollup


def find_threats(requests: pl.DataFrame | None, rollup: Rollup) -> list[Finding]:
    """Ask every kind of threat about a log; of a rollup alone, without its clients."""
    from incident_kit.diagnosis import threats

    seen = refusals(requests, rollup)
    names = sorted(module.name for module in pkgutil.iter_modules(threats.__path__))
    modules = [importlib.import_module(f"{threats.__name__}.{name}") for name in names]
    return [finding for module in modules if (finding := module.find(seen)) is not None]
