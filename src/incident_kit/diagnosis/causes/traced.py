"""Values derived from the spans of a diagnosis, computed once and shared."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from incident_kit.measure.calls.awaited import is_request
from incident_kit.measure.calls.calls import calls_table
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.calls.flag_changes import FlagChange, flag_changes
from incident_kit.measure.calls.releases import Release, releases
from incident_kit.measure.calls.root_requests import root_requests
from incident_kit.measure.calls.tree_calls import TreeCalls, tree_calls
from incident_kit.measure.spans.clock_skew import on_one_clock
from incident_kit.measure.spans.span_tree import SpanTree, span_tree
from incident_kit.schema import SPANS, TIME_US, AnyFrame, empty


@dataclass(frozen=True)
class Traced:
    """The tree of the spans, the requests among them as REQUESTS, and a function that returns all calls.

    `calls` waits for a thread: the ranking needs the calls late, so they are found in the background.
    """

    tree: SpanTree
    requests: pl.DataFrame
    calls: Callable[[], TreeCalls]

    @cached_property
    def ids(self) -> pl.Series:
        """The id of every trace, once."""
        return self.tree.spans["trace_id"].gather(self.tree.roots)

    def edges(self) -> pl.DataFrame:
        """Return who called whom, when, and whether it failed, as in a table of `ik.calls`."""
        return calls_table(self.calls(), "caller", "callee", "failed", "start")

    def failed_calls(self) -> pl.DataFrame:
        """Return the columns of failed calls that tell where an error began; see `error_origins`."""
        calls = self.calls()
        failed = calls.filter(calls.failed[calls.call])
        return calls_table(failed, "trace_id", "span_id", "callee", "callee_span_id", "failed")

    @cached_property
    def asked(self) -> pl.DataFrame:
        """The spans of the requests themselves."""
        return self.tree.spans.filter(pl.Series(is_request(self.tree)))

    @cached_property
    def failed(self) -> pl.DataFrame:
        """The requests that failed by their own span, whatever their status says: [start_time]."""
        return self.asked.filter(pl.Series(has_failed(self.asked))).select(
            start_time=pl.col("start").cast(TIME_US)
        )

    @cached_property
    def releases(self) -> list[Release]:
        """The versions that were first seen within the data."""
        return releases(self.tree.spans)

    @cached_property
    def flag_changes(self) -> list[FlagChange]:
        """The values of feature flags that were first seen within the data."""
        return flag_changes(self.tree.spans)


def traced(spans: AnyFrame, executor: ThreadPoolExecutor) -> Traced:
    """Return the values derived from a frame of SPANS; `executor` starts to find the calls at once."""
    tree = span_tree(spans)
    calls = executor.submit(_all_calls, tree).result
    return Traced(tree, root_requests(tree), calls)


def no_calls() -> TreeCalls:
    """Return an empty set of calls, for input without spans."""
    return tree_calls(span_tree(empty(SPANS)))


def _all_calls(tree: SpanTree) -> TreeCalls:
    return tree_calls(on_one_clock(tree))
