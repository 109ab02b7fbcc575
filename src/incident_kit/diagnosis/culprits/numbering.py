"""From segments to the call graph: services, edges and operations numbered, observations as arrays."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.call_graph import CallArrays, CallGraph, InnerArrays, SegmentArrays
from incident_kit.diagnosis.culprits.made_calls import made_calls
from incident_kit.diagnosis.culprits.means import weighted_means
from incident_kit.measure.samples import Floats, Groups, Ints, Sample
from incident_kit.measure.segments import Segments

FLOOR_SHARE = 0.01
"""A change below one hundredth of the median root duration is of no account."""

RARE = 8
"""Operations seen less often are taken together: alone they tell nothing, and some names hold an id."""

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio, by which Knuth's multiplicative hashing spreads what is alike."""

LEAST_FLOOR_MS = 0.001
"""A floor for data whose roots take no time at all."""


def build_call_graph(found: Segments) -> CallGraph:
    """Return the observations of `found` as arrays, with its services, edges and keys numbered."""
    segments = _rare_together(found.segments, "service")
    calls = _with_statements(_rare_together(found.calls, "caller", "callee"))
    services = sorted(segments["service"].unique())
    names = [*services, *sorted(set(calls["callee"].unique()) - set(services))]
    number = {name: place for place, name in enumerate(names)}
    root_ms = float(segments.filter("root")["duration_ms"].median() or 0.0)  # type: ignore[arg-type]
    floor_ms = max(FLOOR_SHARE * root_ms, LEAST_FLOOR_MS)
    edge, edges = _numbered(calls, ["caller", "callee", "statement"])
    target, targets = _numbered(edges, ["callee", "statement"])
    answered = np.zeros(len(edges), dtype=bool)
    answered[edge[calls["gap_ms"].is_not_null().to_numpy()]] = True
    of_segments = _segment_arrays(segments, number, floor_ms)
    of_calls = _call_arrays(segments, calls, Groups(edge, calls["trace"].to_numpy(), len(edges)), floor_ms)
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


def _segment_arrays(segments: pl.DataFrame, number: dict[str, int], floor_ms: float) -> SegmentArrays:
    own, own_keys = _numbered(segments, ["service", "operation", "callees"])
    operation, operations = _numbered(segments, ["service", "operation"])
    service, trace = _numbers(operations["service"], number), segments["trace"].to_numpy()
    return SegmentArrays(
        by_service=Groups(service[operation], trace, len(number)),
        by_operation=Groups(operation, trace, len(operations)),
        operation_service=service,
        level=np.log(segments["duration_ms"].to_numpy() + floor_ms),
        own=Sample(own, trace, len(own_keys), segments["own_ms"].to_numpy(), floor_ms),
        own_service=_numbers(own_keys["service"], number),
        critical=segments["critical_ms"].to_numpy(),
        failed_itself=segments["origin"].to_numpy(),
    )


def _inner_arrays(segments: pl.DataFrame, by_operation: Groups, inner: pl.DataFrame) -> InnerArrays:
    place = _places(segments, inner["segment"])
    within = inner.select("name", of=pl.Series(by_operation.key[place]))
    key, keys = _numbered(within, ["of", "name"])
    return InnerArrays(place, key, keys["of"].to_numpy())


def _turns(segment: Ints, edge: Ints, edges: int) -> Floats:
    """Return each edge's mean place among the calls of its segments, which stand in order of their start."""
    begins = np.flatnonzero(np.diff(segment, prepend=-1))
    place = np.arange(len(segment)) - np.repeat(begins, np.diff(np.append(begins, len(segment))))
    return weighted_means(edge, place.astype(float), np.ones(len(edge)), edges)


def _with_statements(calls: pl.DataFrame) -> pl.DataFrame:
    """Add `statement`: the operation of a call to a callee that never answers its caller, null else."""
    pair, pairs = _numbered(calls, ["caller", "callee"])
    answers = np.zeros(len(pairs), dtype=bool)
    answers[pair[calls["callee_segment"].is_not_null().to_numpy()]] = True
    return calls.with_columns(statement=pl.when(pl.Series(~answers[pair])).then("operation"))


def _rare_together(observed: pl.DataFrame, *group: str) -> pl.DataFrame:
    """Return the observations with the operations of a group that are too seldom seen as one."""
    operation, _ = _numbered(observed, [*group, "operation"])
    rare = pl.Series(np.bincount(operation)[operation] < RARE)
    if not rare.any():
        return observed
    return observed.with_columns(operation=pl.when(rare).then(pl.lit("(rare)")).otherwise("operation"))


def _call_arrays(segments: pl.DataFrame, calls: pl.DataFrame, by_edge: Groups, floor_ms: float) -> CallArrays:
    segment = _places(segments, calls["segment"])
    blind = calls["statement"].is_not_null()
    caller = segments.select("callees", within=pl.col("operation").hash())[segment]
    # A wait that is its caller's own time, too, is compared among segments that do the same; a statement
    # among those of one operation, for the same words may ask for one row or for all.
    alike = pl.when(~calls["recorded"]).then(caller["callees"]).when(blind).then(caller["within"])
    kinds = ["caller", "callee", "operation", "alike"]
    key, keys = _numbered(calls.with_columns(alike.alias("alike")), kinds)
    wait_edge = np.zeros(len(keys), dtype=np.int64)
    wait_edge[key] = by_edge.key
    # Where nobody ever answers (a database), the whole call is time on the edge.
    wait = np.where(blind.to_numpy(), calls["duration_ms"].to_numpy(), calls["gap_ms"].to_numpy())
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


def _numbered(frame: pl.DataFrame, columns: list[str]) -> tuple[Ints, pl.DataFrame]:
    """Return each row's number among the distinct combinations of `columns`, and those."""
    code = np.zeros(len(frame), dtype=np.uint64)
    for hashes in frame.select(pl.col(columns).hash()):  # a column by itself hashes quicker than in a struct
        code = (code ^ hashes.to_numpy()) * MIXER
    number = np.searchsorted(pl.Series(code).unique().sort().to_numpy(), code)
    first = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    distinct = frame.select(columns)[first]
    order = distinct.select(pl.struct(columns).hash().arg_sort()).to_series().to_numpy()
    return np.argsort(order)[number], distinct[order]


def _numbers(names: pl.Series, number: dict[str, int]) -> Ints:
    return names.replace_strict(number, return_dtype=pl.Int64).to_numpy()
