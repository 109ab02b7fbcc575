"""Find what a log shows of attacks, and what looks like one.

These are storms of logins, scanners, rate limits, and endpoints that turn everybody away. Such a finding
belongs to no incident, because guessing passwords breaks no promise while it lasts. Each module in
`incident_kit.diagnosis.threats` has one function `find(refusals)` that returns a `Finding` or None. Networks
are named, never single clients.
"""

from __future__ import annotations

import importlib
import pkgutil

import polars as pl

from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import refusals
from incident_kit.measure.rollups.rollup import Rollup


def find_threats(requests: pl.DataFrame | None, rollup: Rollup) -> list[Finding]:
    """Run every kind of threat on a log; a rollup has no clients."""
    from incident_kit.diagnosis import threats

    seen = refusals(requests, rollup)
    names = sorted(module.name for module in pkgutil.iter_modules(threats.__path__))
    modules = [importlib.import_module(f"{threats.__name__}.{name}") for name in names]
    return [finding for module in modules if (finding := module.find(seen)) is not None]
