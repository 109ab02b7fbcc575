"""From segments to the call graph: services, edges and operations numbered, observations as arrays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.graph.call_graph import CallArrays, CallGraph, InnerArrays, SegmentArrays
from incident_kit.diagnosis.culprits.graph.made_calls import made_calls
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.diagnosis.culprits.graph.row_numbers import RowNumbers, finer_numbers, row_numbers
from incident_kit.measure.arrays.samples import Floats, Groups, Ints, Sample
from incident_kit.measure.calls.segments import NOBODY, Segments

FLOOR_SHARE = 0.01
"""A change below one hundredth of the median root duration is of no account."""

RARE = 8
"""Operations seen less often are taken together: alone they tell nothing, and some names hold an id."""

LEAST_FLOOR_MS = 0.001
"""A floor for data whose roots take no time at all."""


def build_call_graph(found: Segments) -> CallGraph:
    """Return the observations of `found` as arrays, with its services, edges and keys numbered."""
    with ThreadPoolExecutor(1) as beside:
        numbered = beside.submit(_rare_together, found.segments, "service")
        calls, kinds = _rare_together(found.calls, "caller", "callee")
        segments, operations = numbered.result()
    services = sorted(operations[1]["service"].unique())
    names = [*services, *sorted(set(kinds[1]["callee"].unique()) - set(services))]
    number = {name: place for place, name in enumerate(names)}
    root_ms = float(segments.filter("root")["duration_ms"].median() or 0.0)  # type: ignore[arg-type]
    floor_ms = max(FLOOR_SHARE * root_ms, LEAST_FLOOR_MS)
    edge, edges = _edges(calls, *kinds)
    target, targets = row_numbers(edges, ["callee", "statement"])
    answered = np.zeros(len(edges), dtype=bool)
    answered[edge[calls["gap_ms"].is_not_null().to_numpy()]] = True
    with ThreadPoolExecutor(1) as beside:
        numbered_segments = beside.submit(_segment_arrays, segments, operations, number, floor_ms)
        of_calls = _call_arrays(segments, calls, kinds, (edge, edges), floor_ms)
        of_segments = numbered_segments.result()
    return CallGraph(
        names=names,
        caller=_numbers(edges["caller"], number),
        callee=_numbers(edges["callee"], number),
        target=target,
        target_callee=_numbers(targets["callee"], number),
        statements=edges["statement"].to_list(),
        answers=answered,
        recorded=np.bincount(edge[calls["recorded"].to_numpy()], minlength=len(edges)) > 0,
        turn=_turns(calls["segment"].to_numpy(), edge, len(edges)),
        segments=of_segments,
        calls=of_calls,
        inner=_inner_arrays(segments, of_segments.by_operation, found.inner),
        made=made_calls(of_segments.by_operation, of_calls),
        root_ms=root_ms,
        floor_ms=floor_ms,
    )


def _segment_arrays(
    segments: pl.DataFrame, numbered: RowNumbers, number: dict[str, int], floor_ms: float
) -> SegmentArrays:
    own, own_keys = finer_numbers(numbered, segments["callees"])
    operation, operations = numbered
    service, trace = _numbers(operations["service"], number), segments["trace"].to_numpy()
    return SegmentArrays(
        by_service=Groups(service[operation], trace, len(number)),
        by_operation=Groups(operation, trace, len(operations)),
        operation_service=service,
        level=np.log(segments["duration_ms"].to_numpy() + floor_ms),
        own=Sample(own, trace, len(own_keys), segments["own_ms"].to_numpy(), floor_ms),
        own_service=_numbers(own_keys["service"], number),
        own_calls=own_keys["callees"].to_numpy() != NOBODY,
        critical=segments["critical_ms"].to_numpy(),
        failed_itself=segments["origin"].to_numpy(),
    )


def _inner_arrays(segments: pl.DataFrame, by_operation: Groups, inner: pl.DataFrame) -> InnerArrays:
    place = _places(segments, inner["segment"])
    within = inner.select("name", of=pl.Series(by_operation.key[place]))
    key, keys = row_numbers(within, ["of", "name"])
    return InnerArrays(place, key, keys["of"].to_numpy())


def _turns(segment: Ints, edge: Ints, edges: int) -> Floats:
    """Return each edge's mean place among the calls of its segments, which stand in order of their start."""
    begins = np.flatnonzero(np.diff(segment, prepend=-1))
    place = np.arange(len(segment)) - np.repeat(begins, np.diff(np.append(begins, len(segment))))
    return weighted_means(edge, place.astype(float), np.ones(len(edge)), edges)


def _edges(calls: pl.DataFrame, kind: Ints, kinds: pl.DataFrame) -> RowNumbers:
    """Return each call's edge, and the edges: caller, callee, `statement`.

    That is the operation of calls to a callee that never answers its caller, null else. `kind` numbers the
    calls by caller, callee and operation: there are few of those, so the rest is told of them.
    """
    pair, pairs = row_numbers(kinds, ["caller", "callee"])
    answers = np.zeros(len(pairs), dtype=bool)
    answers[pair[kind[calls["callee_segment"].is_not_null().to_numpy()]]] = True
    stated = kinds.with_columns(statement=pl.when(pl.Series(~answers[pair])).then("operation"))
    edge, edges = row_numbers(stated, ["caller", "callee", "statement"])
    return edge[kind], edges


def _rare_together(observed: pl.DataFrame, *group: str) -> tuple[pl.DataFrame, RowNumbers]:
    """Return the observations with a group's operations too seldom seen as one; they are numbered so."""
    columns = [*group, "operation"]
    number, distinct = row_numbers(observed, columns)
    rare = np.bincount(number, minlength=len(distinct)) < RARE
    if not rare.any():
        return observed, (number, distinct)
    seldom = pl.Series(rare[number])
    together = observed.with_columns(operation=pl.when(seldom).then(pl.lit("(rare)")).otherwise("operation"))
    return together, row_numbers(together, columns)


def _call_arrays(
    segments: pl.DataFrame, calls: pl.DataFrame, kinds: RowNumbers, on_edges: RowNumbers, floor_ms: float
) -> CallArrays:
    edge, edges = on_edges
    by_edge = Groups(edge, calls["trace"].to_numpy(), len(edges))
    blind = edges["statement"].is_not_null().to_numpy()[edge]
    segment = _places(segments, calls["segment"])
    caller = segments.select("callees", within=pl.col("operation").hash())[segment]
    # A wait that is its caller's own time, too, is compared among segments that do the same; a statement
    # among those of one operation, for the same words may ask for one row or for all.
    alike = pl.when(~calls["recorded"]).then(caller["callees"]).when(pl.Series(blind)).then(caller["within"])
    key, keys = finer_numbers(kinds, pl.select(alike.alias("alike")).to_series())
    wait_edge = np.zeros(len(keys), dtype=np.int64)
    wait_edge[key] = by_edge.key
    # Where nobody ever answers (a database), the whole call is time on the edge.
    wait = np.where(blind, calls["duration_ms"].to_numpy(), calls["gap_ms"].to_numpy())
    answered = calls["callee_segment"].is_not_null().to_numpy()
    callee_segment = np.full(len(calls), -1)
    callee_segment[answered] = _places(segments, calls["callee_segment"].drop_nulls())
    return CallArrays(
        by_edge=by_edge,
        segment=segment,
        wait=Sample(key, by_edge.trace, len(keys), np.nan_to_num(wait), floor_ms),
        waited=~np.isnan(wait),
        wait_edge=wait_edge,
        before=calls["before_ms"].to_numpy(),
        after=calls["after_ms"].to_numpy(),
        callee_segment=callee_segment,
        failed=calls["failed"].to_numpy(),
        failed_itself=calls["origin"].to_numpy(),
        level=np.log(calls["duration_ms"].to_numpy() + floor_ms),
        critical=calls["critical_ms"].to_numpy(),
    )


def _places(segments: pl.DataFrame, wanted: pl.Series) -> Ints:
    """Return in which rows the wanted segments stand."""
    number = segments["segment"].to_numpy()
    place = np.zeros(number.max(initial=-1) + 1, dtype=np.int64)
    place[number] = np.arange(len(number))
    places: Ints = place[wanted.to_numpy()]
    return places


def _numbers(names: pl.Series, number: dict[str, int]) -> Ints:
    return names.replace_strict(number, return_dtype=pl.Int64).to_numpy()
