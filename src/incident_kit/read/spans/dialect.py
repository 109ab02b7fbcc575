"""What a trace dialect is: one row in a registry, one file in `trace_formats`.

A module there that defines `FORMAT` is a dialect; nothing else has to be told. Dialects are asked in the
order of their modules' names, and the first that recognises a file reads it: `span_table`, which takes any
row with the ids of a span, comes after those that know a span with more in it.
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
    """Some spans (columns as in `columns.RECORDED`) and the records that were none (as in REJECTED)."""

    spans: pl.DataFrame
    rejected: pl.DataFrame


@dataclass(frozen=True)
class TraceFormat:
    """A dialect: how it is called, how its beginning looks, how it is read, and a sample that proves it."""

    name: str
    description: str
    recognises: Callable[[bytes], bool]
    batches: Callable[[Iterable[Source]], Iterator[SpanBatch]]
    sample: bytes


@cache
def known_formats() -> dict[str, TraceFormat]:
    """Return every dialect by its name, in the order in which they are asked."""
    names = sorted(module.name for module in pkgutil.iter_modules(trace_formats.__path__))
    modules = [importlib.import_module(f"{trace_formats.__name__}.{name}") for name in names]
    formats: list[TraceFormat] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {trace_format.name: trace_format for trace_format in formats}
