"""Import every module of a folder of patterns or threats, so that a new one is just a new file."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def finders(folder: ModuleType) -> list[ModuleType]:
    """Return the modules of a package in the order of their names; each has a function `find`."""
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
