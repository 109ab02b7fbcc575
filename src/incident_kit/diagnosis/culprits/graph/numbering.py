"""Build the call graph from segments: number services, edges and operations, and fill the arrays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.graph.call_graph import CallArrays, CallGraph, InnerArrays, SegmentArrays
from incident_kit.diagnosis.culprits.graph.edges import edges_of, mean_positions, occurring, rare_together
from incident_kit.diagnosis.culprits.graph.made_calls import made_calls
from incident_kit.measure.arrays.array_types import Bools, Ints
from incident_kit.measure.arrays.samples import Groups, Sample
from incident_kit.measure.calls.segment_rows import NO_CALLEES, SegmentRows
from incident_kit.measure.calls.segments import Segments
from incident_kit.measure.spans.row_numbers import RowNumbers, extended_row_numbers, row_numbers

FLOOR_SHARE = 0.01
"""A change below one hundredth of the median root duration does not matter."""

MIN_FLOOR_MS = 0.001
"""The floor for data whose roots take no time at all."""


def build_call_graph(found: Segments) -> CallGraph:
    """Return the observations of `found` as arrays, with its services, edges and keys numbered."""
    operations = rare_together((found.segments.kind, found.operations))
    kinds = rare_together((found.calls.kind, found.kinds))
    number = _service_numbers(operations[1], kinds[1])
    root_ms = _median_root_ms(found.segments)
    floor_ms = max(FLOOR_SHARE * root_ms, MIN_FLOOR_MS)
    edge, edges = edges_of(found.calls, *kinds)
    target, targets = row_numbers(edges, ["callee", "statement"])
    with ThreadPoolExecutor(1) as executor:
        numbered_segments = executor.submit(_segment_arrays, found.segments, operations, number, floor_ms)
        of_calls = _call_arrays(found, operations, kinds, (edge, edges), floor_ms)
        of_segments = numbered_segments.result()
    return CallGraph(
        names=list(number),
        caller=_numbers(edges["caller"], number),
        callee=_numbers(edges["callee"], number),
        target=target,
        target_callee=_numbers(targets["callee"], number),
        statements=edges["statement"].to_list(),
        callee_has_spans=occurring(edge[~np.isnan(found.calls.gap_ms)], len(edges)),
        has_client_span=occurring(edge[found.calls.recorded], len(edges)),
        mean_position=mean_positions(found.calls.segment, edge, len(edges)),
        segments=of_segments,
        calls=of_calls,
        inner=_inner_arrays(of_segments.by_operation, found.inner),
        made=made_calls(of_segments.by_operation, of_calls),
        root_ms=root_ms,
        floor_ms=floor_ms,
    )


def _service_numbers(operations: pl.DataFrame, kinds: pl.DataFrame) -> dict[str, int]:
    """Return the number of each name: services first, then dependencies that record no spans, both sorted."""
    services = sorted(operations["service"].unique())
    names = [*services, *sorted(set(kinds["callee"].unique()) - set(services))]
    return {name: place for place, name in enumerate(names)}


def _median_root_ms(segments: SegmentRows) -> float:
    of_roots = segments.duration_ms[segments.root]
    return float(np.median(of_roots)) if len(of_roots) else 0.0


def _segment_arrays(
    segments: SegmentRows, numbered: RowNumbers, number: dict[str, int], floor_ms: float
) -> SegmentArrays:
    """Return the segments as arrays; own times are compared by service, operation and set of callees."""
    own, own_keys = extended_row_numbers(numbered, pl.Series("callees", segments.callees))
    operation, operations = numbered
    service = _numbers(operations["service"], number)
    return SegmentArrays(
        by_service=Groups(service[operation], segments.trace, len(number)),
        by_operation=Groups(operation, segments.trace, len(operations)),
        operation_service=service,
        level=np.log(segments.duration_ms + floor_ms),
        own=Sample(own, segments.trace, len(own_keys), segments.own_ms, floor_ms),
        own_service=_numbers(own_keys["service"], number),
        own_calls=own_keys["callees"].to_numpy() != NO_CALLEES,
        critical=segments.critical_ms,
        failed_itself=segments.origin,
    )


def _inner_arrays(by_operation: Groups, inner: pl.DataFrame) -> InnerArrays:
    segment = inner["segment"].to_numpy()
    within = inner.select("name", of=pl.Series(by_operation.key[segment]))
    key, keys = row_numbers(within, ["of", "name"])
    return InnerArrays(segment, key, keys["of"].to_numpy())


def _call_arrays(
    found: Segments, operations: RowNumbers, kinds: RowNumbers, on_edges: RowNumbers, floor_ms: float
) -> CallArrays:
    """Return the calls as arrays; waits are compared by caller, callee and operation."""
    calls, (edge, edges) = found.calls, on_edges
    by_edge = Groups(edge, calls.trace, len(edges))
    blind = edges["statement"].is_not_null().to_numpy()[edge]
    key, keys = extended_row_numbers(kinds, _compared_within(found, operations, blind))
    wait_edge = np.zeros(len(keys), dtype=np.int64)
    wait_edge[key] = by_edge.key
    # Where nobody ever answers (a database), the whole call is time on the edge.
    wait = np.where(blind, calls.duration_ms, calls.gap_ms)
    return CallArrays(
        by_edge=by_edge,
        segment=calls.segment,
        wait=Sample(key, by_edge.trace, len(keys), np.nan_to_num(wait), floor_ms),
        waited=~np.isnan(wait),
        wait_edge=wait_edge,
        before_ms=calls.before_ms,
        after_ms=calls.after_ms,
        callee_segment=calls.callee_segment,
        failed=calls.failed,
        failed_itself=calls.origin,
        level=np.log(calls.duration_ms + floor_ms),
        critical=calls.critical_ms,
    )


def _compared_within(found: Segments, operations: RowNumbers, blind: Bools) -> pl.Series:
    """Return for each call the group of segments within which its wait is compared; null for all of them.

    A wait without a span is also part of its caller's own time, so it is compared among segments with the
    same set of callees. A statement (`blind`) is compared among segments of one operation, because the same
    words may ask for one row or for all.
    """
    calls = found.calls
    operation = operations[1]["operation"].hash().to_numpy()[operations[0][calls.segment]]
    group = np.where(calls.recorded, operation, found.segments.callees[calls.segment])
    return pl.select(alike=pl.when(pl.Series(~calls.recorded | blind)).then(pl.Series(group))).to_series()


def _numbers(names: pl.Series, number: dict[str, int]) -> Ints:
    return names.replace_strict(number, return_dtype=pl.Int64).to_numpy()
