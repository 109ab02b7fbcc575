"""From segments to the call graph: services, edges and operations numbered, observations as arrays."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.call_graph import CallArrays, CallGraph, InnerArrays, SegmentArrays
from incident_kit.measure.samples import Ints, Sample
from incident_kit.measure.segments import Segments

FLOOR_SHARE = 0.01
"""A change below one hundredth of the median root duration is of no account."""

RARE = 8
"""Operations seen less often are taken together: alone they tell nothing, and some names hold an id."""

LEAST_FLOOR_MS = 0.001
"""A floor for data whose roots take no time at all."""


def build_call_graph(found: Segments) -> CallGraph:
    """Return the observations of `found` as arrays, with its services, edges and keys numbered."""
    segments = found.segments.with_columns(_frequent("service"))
    blind = pl.col("callee_segment").is_null().all().over("caller", "callee")
    calls = found.calls.with_columns(_frequent("caller", "callee")).with_columns(
        statement=pl.when(blind).then("operation")
    )
    services = sorted(segments["service"].unique())
    names = [*services, *sorted(set(calls["callee"].unique()) - set(services))]
    number = {name: place for place, name in enumerate(names)}
    root_ms = float(segments.filter("root")["duration_ms"].median() or 0.0)  # type: ignore[arg-type]
    edge, edges = _numbered(calls, ["caller", "callee", "statement"])
    target, targets = _numbered(edges, ["callee", "statement"])
    answered = np.zeros(len(edges), dtype=bool)
    answered[edge[calls["gap_ms"].is_not_null().to_numpy()]] = True
    return CallGraph(
        names=names,
        services=np.arange(len(names)) < len(services),
        caller=_numbers(edges["caller"], number),
        callee=_numbers(edges["callee"], number),
        target=target,
        target_callee=_numbers(targets["callee"], number),
        statements=edges["statement"].to_list(),
        answers=answered,
        segments=_segment_arrays(segments, number),
        calls=_call_arrays(segments, calls, edge),
        inner=_inner_arrays(segments, found.inner),
        root_ms=root_ms,
        floor_ms=max(FLOOR_SHARE * root_ms, LEAST_FLOOR_MS),
    )


def _segment_arrays(segments: pl.DataFrame, number: dict[str, int]) -> SegmentArrays:
    own, own_keys = _numbered(segments, ["service", "operation", "callees"])
    operation, operations = _numbered(segments, ["service", "operation"])
    return SegmentArrays(
        service=_numbers(segments["service"], number),
        operation=operation,
        operation_service=_numbers(operations["service"], number),
        duration=segments["duration_ms"].to_numpy(),
        own=Sample(own, segments["trace"].to_numpy(), segments["own_ms"].to_numpy(), len(own_keys)),
        own_service=_numbers(own_keys["service"], number),
        critical=segments["critical_ms"].to_numpy(),
        failed_itself=segments["origin"].to_numpy(),
    )


def _inner_arrays(segments: pl.DataFrame, inner: pl.DataFrame) -> InnerArrays:
    operation, _ = _numbered(segments, ["service", "operation"])
    places = segments.select("segment", place=pl.int_range(pl.len()), of=pl.Series(operation))
    within = inner.join(places, on="segment", how="inner", maintain_order="left")
    key, keys = _numbered(within, ["of", "name"])
    return InnerArrays(within["place"].to_numpy(), key, keys["of"].to_numpy().astype(np.int64))


def _frequent(*group: str) -> pl.Expr:
    """Return the operation, those with too few observations in their group as one."""
    rare = pl.len().over(*group, "operation") < RARE
    return pl.when(rare).then(pl.lit("(rare)")).otherwise("operation").alias("operation")


def _call_arrays(segments: pl.DataFrame, calls: pl.DataFrame, edge: Ints) -> CallArrays:
    key, keys = _numbered(calls, ["caller", "callee", "operation"])
    wait_edge = np.zeros(len(keys), dtype=np.int64)
    wait_edge[key] = edge
    # Where nobody ever answers (a database), the whole call is time on the edge.
    blind = calls["statement"].is_not_null().to_numpy()
    wait = np.where(blind, calls["duration_ms"].to_numpy(), calls["gap_ms"].to_numpy())
    trace = calls["trace"].to_numpy()
    place = segments.select("segment", pl.int_range(pl.len()).alias("place"))
    callee = calls.select(segment="callee_segment").join(
        place, on="segment", how="left", maintain_order="left"
    )
    return CallArrays(
        edge=edge,
        segment=calls.join(place, on="segment", how="left", maintain_order="left")["place"].to_numpy(),
        trace=trace,
        wait=Sample(key, trace, np.nan_to_num(wait), len(keys)),
        waited=~np.isnan(wait),
        wait_edge=wait_edge,
        before=calls["before_ms"].to_numpy(),
        after=calls["after_ms"].to_numpy(),
        callee_segment=callee["place"].fill_null(-1).to_numpy(),
        failed=calls["failed"].to_numpy(),
        failed_itself=calls["origin"].to_numpy(),
        duration=calls["duration_ms"].to_numpy(),
        critical=calls["critical_ms"].to_numpy(),
    )


def _numbered(frame: pl.DataFrame, columns: list[str]) -> tuple[Ints, pl.DataFrame]:
    """Return each row's number among the distinct combinations of `columns`, and those."""
    keys = frame.select(columns).unique(maintain_order=True)
    rows = frame.select(columns).join(
        keys.with_row_index("number"), on=columns, how="left", maintain_order="left", nulls_equal=True
    )
    return rows["number"].to_numpy().astype(np.int64), keys


def _numbers(names: pl.Series, number: dict[str, int]) -> Ints:
    return names.replace_strict(number, return_dtype=pl.Int64).to_numpy()
