"""Divide traces into segments, the work of one service, and the calls that lead from one to the next.

A *segment* is a maximal group of spans of one service that are linked by parents; its top span is the
*entry*. A *call* is a span that waits for another service, or for a dependency that records no spans of its
own (a *blind call*, see `blind_calls`). Time is taken per segment, not per span, because frameworks put
childless sibling spans around the real call, and their self time is noise.

For example, `web` serves `GET /cart` with the spans `render` and `POST payments`, and a span of `payments`
answers the latter. That makes two segments, with `GET /cart` and the span of `payments` as entries, and one
call.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.calls.call_rows import CallRows, call_rows
from incident_kit.measure.calls.hidden_services import with_hidden_services
from incident_kit.measure.calls.linked_spans import LinkedSpans, linked_spans
from incident_kit.measure.calls.ordered_calls import OrderedCalls, ordered_calls
from incident_kit.measure.calls.own_stretches import own_stretches
from incident_kit.measure.calls.segment_rows import SegmentRows, segment_rows
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.span_time import critical_ns
from incident_kit.measure.spans.span_tree import AnySpans, span_tree


@dataclass(frozen=True)
class Segments:
    """The segments of a set of spans and the calls between them, with distinct names by kind number.

    `operations`: service and operation of each kind of segment. `kinds`: caller, callee and operation (the
    callee's, or the call's own if blind) of each kind of call. `inner`: segment (its place) and name of the
    distinct operations within it that are neither its entry nor a call.
    """

    segments: SegmentRows
    operations: pl.DataFrame
    calls: CallRows
    kinds: pl.DataFrame
    inner: pl.DataFrame


def build_segments(spans: AnySpans, baseline: Bools | None = None, *, critical: bool = True) -> Segments:
    """Return the segments and calls of `spans`, a frame of SPANS or their tree; times in ms.

    `baseline` selects the spans of undisturbed times; from these it is inferred which childless spans are
    calls that nobody answered. Spans without a start or a duration belong to no segment. Without `critical`,
    critical paths are not computed, and `critical_ms` is 0 throughout.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    known = tree.spans.select(pl.all_horizontal(pl.col("start", "duration_ms").is_not_null())).to_series()
    is_baseline = np.ones(len(known), dtype=bool) if baseline is None else baseline
    if not known.all():
        tree, is_baseline = tree.filter(known.to_numpy()), is_baseline[known.to_numpy()]
    tree, hidden = with_hidden_services(tree)
    is_baseline = np.append(is_baseline, is_baseline[hidden])
    with ThreadPoolExecutor(1) as executor:
        path = executor.submit(critical_ns, tree) if critical else None
        linked = linked_spans(tree, is_baseline)
        calls = ordered_calls(linked, executor)
        on_path = np.zeros(len(linked)) if path is None else path.result() / NS_PER_MS
        return _assembled(linked, calls, on_path)


def _assembled(linked: LinkedSpans, calls: OrderedCalls, critical_ms: Floats) -> Segments:
    entry, callee = linked.segment[calls.caller_span], calls.callee
    stretches = own_stretches(linked.tree, entry, calls.time_row, callee[0])
    in_call = np.zeros(len(linked), dtype=bool)
    in_call[calls.caller_span[calls.is_single_call]] = True
    own_critical_ms = np.where(in_call, 0.0, critical_ms)
    made = call_rows(linked, calls, stretches, critical_ms)
    segments, operations = segment_rows(linked, made, callee, stretches.waited, own_critical_ms)
    inner = _inner(linked, ~linked.entry & ~in_call)
    return Segments(segments, operations, made, calls.kinds, inner)


def _inner(linked: LinkedSpans, within: Bools) -> pl.DataFrame:
    rows = np.flatnonzero(within)
    of_each = linked.names.select("name")[linked.named[rows]]
    place = pl.Series("segment", linked.place[linked.segment[rows]])
    return of_each.select(place, "name").unique(maintain_order=True)
