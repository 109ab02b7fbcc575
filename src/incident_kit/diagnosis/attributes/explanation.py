"""Write one sentence that says what an incident's extra bad requests have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from incident_kit.diagnosis.attributes.columns import PAIR_SEPARATOR
from incident_kit.diagnosis.attributes.contrasts import TAUTOLOGIES
from incident_kit.diagnosis.attributes.group_words import explains, group_in_words, share_in_words
from incident_kit.diagnosis.attributes.of_rollups import PAIR
from incident_kit.diagnosis.attributes.pairs import CANDIDATE_SEPARATION
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.slo import Targets
from incident_kit.wording import milliseconds, percent

REMAINDER = 0.1
"""If less than this part of the excess is left over, the rest is not worth a search."""

CLEARLY = 0.05
"""A group tells more than an endpoint if it separates better by this much."""

OUTCOME = "status"
"""How requests ended does not tell where the incident is."""

MOST = 0.5
"""A group that an incident is named after has at least this share of the excess."""

WORTH_SAYING = 0.1
"""A value with hardly more of the excess than of the traffic is no lead, however sure that is."""

EXTRA: Mapping[str, str] = {
    "errors": "extra errors",
    "latency": "extra slow requests",
    "availability": "requests that never arrived",
}
NOTHING_WORSE: Mapping[str, str] = {
    "errors": "nothing fails more often than before",
    "latency": "nothing got slower",
    "availability": "nothing fails more often than before",
}
TOGETHER = {"endpoint", "method", "path_prefix", "status", "upstream", PAIR}
"""Attributes that a rollup counts with the endpoint; it does not know the pairs of any other."""

FEWER_PAIRS = (
    "Of pairs of attributes a rollup keeps only endpoint and upstream; the requests might tell more."
)


def explanation(
    incident: Incident, targets: Targets, attributes: pl.DataFrame, from_rollup: bool = False
) -> str:
    """Say what separates an incident's extra bad requests, in a sentence or two.

    `attributes` is the table of `attribute_shares`. A rollup has only one pair of attributes; the text says
    so where another pair might explain more.
    """
    found = _worth_saying(attributes, incident.slo.indicator)
    first = found.row(0, named=True) if found.height and incident.excess > 0 else None
    sentences = [_separates(incident, first)]
    if from_rollup and first is not None and _pairs_are_missing(found):
        sentences.append(FEWER_PAIRS)
    if incident.indicator == "latency" and incident.threshold_ms != targets.latency_ms:
        sentences.append(_stricter(incident.threshold_ms, targets.latency_ms))
    return " ".join(sentences)


def group_apart(attributes: pl.DataFrame, indicator: str) -> dict[str, Any] | None:
    """Return the row of the value, or pair, that has most of the excess and tells more than any endpoint.

    None if no other attribute separates clearly better. `indicator` is that of the incident.
    """
    found = places(attributes, indicator)
    if found.is_empty():
        return None
    first = found.row(0, named=True)
    endpoints = found.filter(attribute="endpoint")["separation"].to_list()
    tells_more = first["separation"] >= max(endpoints, default=0.0) + CLEARLY
    return first if tells_more and first["share"] >= MOST else None


def places(attributes: pl.DataFrame, indicator: str) -> pl.DataFrame:
    """Return the rows that separate well and tell where bad requests went, not how they ended."""
    is_outcome = pl.col("attribute").str.split(PAIR_SEPARATOR).list.contains(OUTCOME)
    return _worth_saying(attributes, indicator).filter(~is_outcome)


def _worth_saying(attributes: pl.DataFrame, indicator: str) -> pl.DataFrame:
    by_definition = TAUTOLOGIES.get(indicator, ())
    return attributes.filter(
        "separates", pl.col("separation") >= WORTH_SAYING, ~pl.col("attribute").is_in(by_definition)
    )


def _separates(incident: Incident, first: Mapping[str, Any] | None) -> str:
    extra = EXTRA[incident.slo.indicator]
    if incident.excess <= 0:
        return f"There are no {extra}."
    if first is None:
        return f"No attribute separates the {extra} from the other requests."
    if incident.kind == "traffic":
        brought = f"{group_in_words(first)} brought {share_in_words(first)} of the {extra}"
        return f"Traffic moved, {NOTHING_WORSE[incident.slo.indicator]}: {brought}."
    return f"{explains(first, extra)}{_rest(1 - first['share'])}."


def _pairs_are_missing(found: pl.DataFrame) -> bool:
    """Return whether two attributes separate requests and a rollup does not know their pair."""
    felt = {*found.filter(pl.col("separation") >= CANDIDATE_SEPARATION)["attribute"]}
    return len(felt) > 1 and not felt <= TOGETHER


def _stricter(threshold_ms: float, target_ms: float) -> str:
    return (
        f"The target of {milliseconds(target_ms)} shows nothing of it: slow is here what took more than "
        f"{milliseconds(threshold_ms)}, twice the usual quantile."
    )


def _rest(share: float) -> str:
    return "" if share < REMAINDER else f"; {percent(share, 0)} lie elsewhere"
