"""Pattern: the calls to the faulty service that go bad have a value in common: a tenant, a cold start.

Example: `catalog` is slow for `app.tenant=initech` alone. The tenant stands on its own spans, not on those of
the requests, whose attributes are compared anyway.
"""

from __future__ import annotations

from collections import Counter
from re import search

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.attributes.json_fields import members
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.worst_part import (
    MOST_OF_THE_BAD,
    Part,
    bad_spans,
    with_work_time,
    worst_part,
)
from incident_kit.diagnosis.culprits.pieces import OWN_TIME
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.patterns import bad_part
from incident_kit.measure.calls.attribute_contrast import OUTCOME
from incident_kit.measure.calls.linked_spans import SERVING_KINDS

SAMPLE = 1_000
"""Number of bad spans, and of good ones, among which attributes are looked for."""


def find(case: Case) -> Finding | None:
    """Return the finding that nearly all bad calls to the stated service have one value of an attribute.

    The attributes of the requests themselves are compared elsewhere, and an instance is not a kind of calls.
    """
    if case.culprit is None or case.tree is None:
        return None
    name, spans = str(case.culprit["name"]), case.tree.spans
    if name in spans["service"].gather(case.tree.roots).to_list() or bad_part.find(case) is not None:
        return None
    if case.strongest_piece(name) == OWN_TIME:
        spans = with_work_time(case.tree)
    served = spans.filter(pl.col("service") == name, pl.col("kind").is_in(SERVING_KINDS))
    operation, judged = _worst_operation(bad_spans(case.incident, case.during, served))
    part = worst_part(judged, _on_the_bad(judged))
    return None if part is None else _finding(name, operation, part)


def _worst_operation(spans: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Return the operation with most of the bad spans, and its spans.

    Across operations, what one decides (a method, a route) would say no more than the operation.
    """
    counts = spans.group_by("name").agg(pl.col("bad").sum()).drop_nulls("name").sort("bad", "name")
    name = counts["name"].tail(1).to_list()
    return "".join(name), spans.filter(pl.col("name").is_in(name))


def _on_the_bad(spans: pl.DataFrame) -> list[str]:
    """Return the attributes of which one value is on nearly all bad spans, the rarest on others first."""
    bad, good = (_shares(spans.filter(pl.col("bad") == which)) for which in (True, False))
    common = (pair for pair, share in bad.items() if share >= MOST_OF_THE_BAD)
    first = sorted(common, key=lambda pair: (good.get(pair, 0.0), pair))
    return [name for name, _ in first if not search(OUTCOME, name)]


def _shares(spans: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Return the share of some of the spans that have each value of each attribute."""
    texts = spans["attributes"].drop_nulls().gather_every(max(len(spans) // SAMPLE, 1))
    counts = Counter(
        (name, str(value))
        for text in texts
        for (name, *inner), value in members(text)
        if not inner and isinstance(value, str | int | float)
    )
    return {pair: count / len(texts) for pair, count in counts.items()}


def _finding(name: str, operation: str, part: Part) -> Finding:
    common = f"{part.attribute}={wording.shorten(part.value)}"
    return Finding(
        id="bad-calls",
        priority="reliability",
        claim=f"The calls to {name} that went bad have {common}.",
        evidence=f"{wording.percent(part.traffic, 0)} of its calls {wording.shorten(operation)} have it, and "
        f"{part.share_in_words} of those that went bad.",
        change=f"Look at what {name} does otherwise for {common}: its data, size and settings. If others "
        "suffer from these calls, limit them or turn them off.",
        risk="Whoever is limited has no service until the cause is mended.",
        verify=f"Make a call with {common} in a test, and one without.",
        monitor=f"Errors and latency of {name} by {part.attribute}.",
    )
