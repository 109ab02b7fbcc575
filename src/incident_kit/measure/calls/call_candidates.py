"""List the spans that may be calls, and the entry that answered each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.arrays.samples import codes_and_index
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.spans.parent_rows import Rows
from incident_kit.measure.spans.row_numbers import row_numbers

NO_ANSWER = -1
"""Row of a missing answer."""


@dataclass(frozen=True)
class CallCandidates:
    """Rows of the spans that may be calls, and of the entries that answered them, -1 if nobody did."""

    span: Rows
    answer: Rows

    @property
    def unanswered(self) -> Rows:
        """Rows of the unanswered spans."""
        unanswered: Rows = self.span[self.answer == NO_ANSWER]
        return unanswered

    def filter(self, kept: Bools) -> CallCandidates:
        """Return the selected spans."""
        return CallCandidates(self.span[kept], self.answer[kept])

    def named(self, linked: LinkedSpans) -> pl.DataFrame:
        """Return service, name, is_baseline and callee (the service that answered, or null) of each span."""
        answer = pl.Series(linked.named[self.answer]).set(pl.Series(self.answer == NO_ANSWER), None)
        return linked.names.select("service", "name")[linked.named[self.span]].with_columns(
            linked.names["service"].gather(answer).alias("callee"),
            pl.Series("is_baseline", linked.is_baseline[self.span]),
        )

    def counts(self, linked: LinkedSpans) -> pl.DataFrame:
        """Return the number (`len`) of spans for each service, name, peer, is_baseline and callee."""
        of_name, services = row_numbers(linked.names, ["service"])
        answered_by = np.where(self.answer == NO_ANSWER, len(services), of_name[linked.named[self.answer]])
        kind = linked.named[self.span] * 2 + linked.is_baseline[self.span]
        codes, number = codes_and_index(kind * (len(services) + 1) + answered_by)
        kind, callee = np.divmod(codes, len(services) + 1)
        known = pl.concat([services["service"], pl.Series([None], dtype=pl.String)])
        return linked.names.select("service", "name", "peer")[kind // 2].with_columns(
            known.gather(callee).alias("callee"),
            pl.Series("is_baseline", kind % 2 == 1),
            pl.Series("len", np.bincount(number, minlength=len(codes))),
        )


def call_candidates(linked: LinkedSpans) -> CallCandidates:
    """Return the spans that may be calls: client and producer spans, and spans without a kind."""
    answered_by = np.full(len(linked), NO_ANSWER)
    answered_by[linked.tree.parent[linked.answers]] = linked.answers
    span = np.flatnonzero(linked.unlabelled | linked.calling)
    return CallCandidates(span, answered_by[span])
