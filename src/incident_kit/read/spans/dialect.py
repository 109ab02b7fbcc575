"""The definition of a trace dialect (one way of writing traces) and the registry of all dialects.

A module in `trace_formats` that defines `FORMAT` is a dialect, without further registration. The dialects are
tried in the order of their modules' names, and the first that recognises a file reads it. `span_table`
accepts any row with the ids of a span, so its name must sort after dialects whose spans have more.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import polars as pl

from incident_kit.read import trace_formats
from incident_kit.read.sources.paths import Source


@dataclass(frozen=True)
class SpanBatch:
    """Some spans (columns of SPANS) and the records that could not be read (columns of REJECTED)."""

    spans: pl.DataFrame
    rejected: pl.DataFrame


@dataclass(frozen=True)
class TraceFormat:
    """A dialect: its name, how to recognise it by a file's beginning, how to read it, and a sample of it."""

    name: str
    description: str
    recognises: Callable[[bytes], bool]
    batches: Callable[[Iterable[Source]], Iterator[SpanBatch]]
    sample: bytes


@cache
def known_formats() -> dict[str, TraceFormat]:
    """Return every dialect by its name, in the order in which they are tried."""
    names = sorted(module.name for module in pkgutil.iter_modules(trace_formats.__path__))
    modules = [importlib.import_module(f"{trace_formats.__name__}.{name}") for name in names]
    formats: list[TraceFormat] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {trace_format.name: trace_format for trace_format in formats}
