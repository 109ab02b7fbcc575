"""List the calls in a tree of spans as rows of the call and of its answer, with distinct names by pair.

A table of calls can have many columns, and most uses need few. These arrays allow building only those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools, Ints
from incident_kit.measure.arrays.samples import codes_and_index
from incident_kit.measure.calls.call_candidates import NO_ANSWER
from incident_kit.measure.calls.callee_names import with_inferred_callees
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.calls.linked_spans import CALLING_KINDS
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.row_numbers import RowNumbers, row_numbers
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.window import Window


@dataclass(frozen=True)
class TreeCalls:
    """One entry for each call, in the order of the spans: the rows of the caller's span and of its answer.

    `answer` is -1 without an answer. `pair` is each call's row in `pairs`: caller, callee, operation, kind
    (null if each call's attributes decide it). `retry` means that the same parent span made the same call
    just before, and that call failed. `failed` is by span.
    """

    tree: SpanTree
    call: Rows
    answer: Rows
    pair: Ints
    pairs: pl.DataFrame
    failed: Bools
    retry: Bools

    @property
    def answered(self) -> Bools:
        """Whether each call was answered."""
        answered: Bools = self.answer != NO_ANSWER
        return answered

    def of_call(self, column: str) -> pl.Series:
        """Return a column of the callers' spans."""
        return self.tree.spans[column].gather(self.call)

    def filter(self, kept: Bools) -> TreeCalls:
        """Return the selected calls."""
        rows = {name: getattr(self, name)[kept] for name in ("call", "answer", "pair", "retry")}
        return replace(self, **rows)

    def to_callee(self, callee: str) -> TreeCalls:
        """Return the calls to one callee."""
        return self.filter((self.pairs["callee"] == callee).fill_null(value=False).to_numpy()[self.pair])

    def within(self, window: Window) -> TreeCalls:
        """Return the calls that begin within a window."""
        begun = self.of_call("start").to_frame().select(window.covers("start").fill_null(value=False))
        return self.filter(begun.to_series().to_numpy())


def tree_calls(tree: SpanTree) -> TreeCalls:
    """Return the calls in a tree of spans."""
    answer = np.flatnonzero(_answers(tree))
    unanswered = np.flatnonzero(_unanswered(tree, tree.parent[answer]))
    call = np.concatenate([tree.parent[answer], unanswered])
    order = np.argsort(call, kind="stable")
    call = call[order]
    answer = np.concatenate([answer, np.full(len(unanswered), NO_ANSWER)])[order]
    pair, pairs = _pairs(tree, call, answer)
    failed = has_failed(tree.spans)
    of_same, _ = row_numbers(pairs, ["callee", "operation"])
    return TreeCalls(tree, call, answer, pair, pairs, failed, _retries(tree, call, of_same[pair], failed))


def _answers(tree: SpanTree) -> Bools:
    """Return whether each span answers its parent's call.

    It does if it belongs to another service, or is a server span below a client span.
    """
    serves = tree.of_kind("server") & tree.below("client")
    answers: Bools = (tree.remote | serves) & (tree.parent != NO_PARENT)
    return answers


def _unanswered(tree: SpanTree, answered: Rows) -> Bools:
    """Return whether each span is an unanswered call.

    Of nested client spans of a service, the outermost is the call. A proxy's below it is a call of its own.
    """
    unlabelled = tree.spans["kind"].is_null() & tree.spans["peer"].is_not_null()
    is_call = tree.of_kind(*CALLING_KINDS) | unlabelled.to_numpy()
    in_call = is_call & ~tree.remote & (tree.parent != NO_PARENT) & is_call[tree.parent]
    is_answered = np.zeros(len(is_call), dtype=np.bool_)
    is_answered[answered] = True
    is_answered[tree.parent[np.flatnonzero(is_answered & in_call)]] = True
    unanswered: Bools = is_call & ~in_call & ~is_answered
    return unanswered


def _pairs(tree: SpanTree, call: Rows, answer: Rows) -> RowNumbers:
    """Return for each call the number of its pair of names (its own and its answer's), and those pairs."""
    named, names = tree.named
    width = len(names) + 1
    codes, pair = codes_and_index(named[call] * width + np.where(answer == NO_ANSWER, 0, named[answer] + 1))
    of_call, of_answer = np.divmod(codes, width)
    answers = pl.DataFrame({"row": of_answer - 1, "answered": of_answer > 0})
    of_answers = pl.when("answered").then("row")
    pairs = names.select("name", "peer", caller="service")[of_call].hstack(
        answers.select(
            "answered",
            service=pl.lit(names["service"]).gather(of_answers),
            answering=pl.lit(names["name"]).gather(of_answers),
        )
    )
    told = pairs.select(
        "caller",
        "peer",
        "answered",
        asked="name",
        callee=pl.coalesce("service", "peer", "name"),
        operation=pl.when("answered").then("answering").otherwise("name"),
    )
    return pair, with_inferred_callees(told).select("caller", "callee", "operation", "kind")


def _retries(tree: SpanTree, call: Rows, same: Ints, failed: Bools) -> Bools:
    """Return whether each call repeats a failed one. Only calls with a failed sibling are compared.

    `same` is the number of callee and operation.
    """
    above = tree.parent[call]
    has_parent, beside_failed = above != NO_PARENT, np.zeros(len(failed), dtype=np.bool_)
    beside_failed[above[failed[call] & has_parent]] = True
    tried = np.flatnonzero(has_parent & beside_failed[above])
    siblings = pl.DataFrame({"within": above[tried], "same": same[tried], "failed": failed[call[tried]]})
    repeats = pl.col("failed").shift().over("within", "same", order_by="start").fill_null(value=False)
    retry = np.zeros(len(call), dtype=np.bool_)
    started = siblings.with_columns(tree.spans["start"].gather(call[tried]))
    retry[tried] = started.select(repeats).to_series().to_numpy()
    return retry
