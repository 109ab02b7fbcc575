"""The traces that begin in the incident or in its baseline, with clock skew removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools, Ints
from incident_kit.measure.spans.clock_skew import clocks_agree, on_one_clock
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.schema import TIME_NS
from incident_kit.window import Window


@dataclass(frozen=True)
class WindowedTraces:
    """The spans of the traces in the windows. By trace: when it begins (ns), and the window it belongs to."""

    tree: SpanTree
    begin: Ints
    incident: Bools
    baseline: Bools

    def in_time(self, traces: Bools) -> Ints:
        """Return the numbers of the given traces in the order of time."""
        chosen = np.flatnonzero(traces)
        ordered: Ints = chosen[np.argsort(self.begin[chosen], kind="stable")]
        return ordered


def windowed_traces(tree: SpanTree, incident: Window, baselines: Sequence[Window]) -> WindowedTraces:
    """Return the traces that begin in one of the windows; a trace in both belongs to the incident.

    Clock skew is corrected separately for incident and baseline, because a clock may be set between them.
    """
    begin = _begin(tree)
    begun = pl.DataFrame({"start": pl.Series(begin).cast(TIME_NS)})
    usual = pl.any_horizontal([window.covers("start") for window in baselines])
    inside, before = (
        begun.select(window).to_series().to_numpy() for window in (incident.covers("start"), usual)
    )
    kept = (inside | before)[tree.trace]
    chosen, during = tree.filter(kept), inside[tree.trace][kept]
    begin = _begin(chosen)
    of_incident = np.zeros(len(begin), dtype=bool)
    of_incident[chosen.trace] = during
    return WindowedTraces(_on_one_clock(chosen, during), begin, of_incident, ~of_incident)


def _begin(tree: SpanTree) -> Ints:
    """Return by trace when its first span begins, in ns."""
    begin = np.full(int(tree.trace.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(begin, tree.trace, tree.start)
    return begin


def _on_one_clock(tree: SpanTree, during: Bools) -> SpanTree:
    if clocks_agree(tree):
        return tree
    start = tree.start.copy()
    for rows in (during, ~during):
        start[rows] = on_one_clock(tree.filter(rows)).start
    return tree.shifted(start - tree.start)
