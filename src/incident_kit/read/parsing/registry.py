"""The registry of log formats: every module in `log_formats` contributes its rows.

A module holds `FORMATS`, its rows, and may hold `COMPILERS`, which maps a prefix such as `nginx` to the
function that compiles a server's own format string into a format. A module's name is its family's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import ModuleInfo, iter_modules

from incident_kit.errors import UnknownFormatError
from incident_kit.read import log_formats
from incident_kit.read.layouts.log_format import LogFormat

Compiler = Callable[[str], LogFormat]


@cache
def families() -> Mapping[str, tuple[LogFormat, ...]]:
    """Return the formats of each family, by the family's name."""
    modules = {item.name: import_module(f"{log_formats.__name__}.{item.name}") for item in _modules()}
    return {name: module.FORMATS for name, module in modules.items() if hasattr(module, "FORMATS")}


def all_formats() -> list[LogFormat]:
    """Return every format: likely ones first, open-ended ones last."""
    formats = [row for rows in families().values() for row in rows]
    return sorted(formats, key=lambda row: (row.open_ended, -row.priority))


def find_formats(name: str) -> list[LogFormat]:
    """Return the formats called `name`: one, a whole family, or a server's own string such as `nginx:…`.

    Raises
    ------
    UnknownFormatError
        If no format has that name.
    FormatStringError
        If a format string cannot be compiled.
    """
    prefix, colon, string = name.partition(":")
    if colon and prefix in _compilers():
        return [_compilers()[prefix](string)]
    wanted = _plain(name)
    found = [
        row
        for family, rows in families().items()
        for row in rows
        if wanted in {_plain(label) for label in (row.name, family, *row.aliases)}
    ]
    if not found:
        prefixes = " or ".join(f"{prefix}:" for prefix in _compilers())
        raise UnknownFormatError(
            f"There is no log format {name!r}{_alike(name)}; `incident-kit formats` lists them, and the "
            f"server's own format string is given after {prefixes}."
        )
    return sorted(found, key=lambda row: (row.open_ended, _plain(row.name) != wanted, -row.priority))


def _alike(name: str) -> str:
    """Return a phrase with the format names that a mistyped one may have meant."""
    names = get_close_matches(name, [row.name for row in all_formats()])
    return f", but {' and '.join(names)}" if names else ""


@cache
def _compilers() -> Mapping[str, Compiler]:
    found: dict[str, Compiler] = {}
    for item in _modules():
        found |= getattr(import_module(f"{log_formats.__name__}.{item.name}"), "COMPILERS", {})
    return found


def _modules() -> list[ModuleInfo]:
    return sorted(iter_modules(log_formats.__path__), key=lambda item: item.name)


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_")
