"""All scenarios, by name: each module of this package that has a `SCENARIO`."""

from __future__ import annotations

import importlib
import pkgutil

import fault_lab.scenarios
from fault_lab.scenarios.scenario import Scenario


def _found() -> list[Scenario]:
    names = sorted(module.name for module in pkgutil.iter_modules(fault_lab.scenarios.__path__))
    modules = [importlib.import_module(f"fault_lab.scenarios.{name}") for name in names if name != "registry"]
    return [module.SCENARIO for module in modules if hasattr(module, "SCENARIO")]


SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _found()}
