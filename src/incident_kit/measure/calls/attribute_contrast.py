"""Find attributes that distinguish bad traces from good ones: version, pod, region, feature flag.

Honeycomb's BubbleUp answers the same question. This version adds intervals and false-discovery control,
because it tests every value of every attribute, and without control some values would always stand out. For
example, if 40 of 50 bad traces but only 30 of 900 good ones have `service.version` 1.4.0, that value comes
first.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import orjson
import polars as pl

from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.intervals import benjamini_hochberg, newcombe
from incident_kit.schema import SPANS, AnyFrame, conform

# Fewest traces with a value. With fewer, a value cannot be distinguished from chance at any level.
MIN_TRACES = 5
COLUMNS = ("kind", "status", "http_status", "peer")
# Attributes that describe how a call ended (OpenTelemetry's names, and older ones). They distinguish failed
# traces, but do not explain the failure.
OUTCOME = (
    r"^(?:status|http_status|error|error[._](?:type|code|kind|message|stack)|exception\..+"
    r"|otel\.status_.+|grpc[._]status.*"
    r"|(?:http|db|rpc)\.(?:[a-z_]+\.)?(?:status|error)_(?:code|text|message))$"
)


def attribute_contrast(spans: AnyFrame, bad: Collection[str] | pl.Series) -> pl.DataFrame:
    """Return attribute values, ordered by how much more often bad traces have them than good ones.

    `bad` holds the trace ids of the bad traces; all others are good. One row for each service, attribute and
    value: `service`, `attribute`, `value`, `bad` and `good` (traces that have it), `bad_share` and
    `good_share` (of all bad and all good traces), `difference` of the two shares with `low` and `high`
    (Newcombe 1998, method 10, 95 %), `p` (Fisher's exact test, two-sided), `discovery` (Benjamini and
    Hochberg, 5 %), `outcome` (whether the attribute describes how a call ended). Discoveries come first;
    among them, attributes that are no outcome. Then follows the bound of the interval that is nearer to no
    difference, greatest first.
    """
    frame = conform(spans, SPANS, required=("trace_id",))
    traces = frame.select("trace_id").unique()
    traces = traces.with_columns(
        is_bad=pl.col("trace_id").is_in(pl.Series(list(bad), dtype=pl.String).implode())
    )
    all_bad, all_good = int(traces["is_bad"].sum()), int((~traces["is_bad"]).sum())
    return (
        _compared(_counted(_values(frame), traces), all_bad, all_good)
        .with_columns(outcome=pl.col("attribute").str.contains(OUTCOME))
        .sort(~pl.col("discovery"), "outcome", -_certain_difference(), "service", "attribute", "value")
        .select(
            "service", "attribute", "value", "bad", "good", "bad_share", "good_share",
            "difference", "low", "high", "p", "discovery", "outcome",
        )
    )  # fmt: skip


def _counted(values: pl.DataFrame, traces: pl.DataFrame) -> pl.DataFrame:
    """Count the bad and the good traces of each value; values of too few traces are left out."""
    return (
        values.join(traces, on="trace_id")
        .group_by("service", "attribute", "value")
        .agg(bad=pl.col("is_bad").sum(), good=(~pl.col("is_bad")).sum())
        .filter(pl.col("bad") + pl.col("good") >= MIN_TRACES)
        .sort("service", "attribute", "value")
    )


def _compared(counts: pl.DataFrame, all_bad: int, all_good: int) -> pl.DataFrame:
    """Compare the share of bad traces that have each value with the share of good ones."""
    bad, good = counts["bad"].to_numpy().astype(float), counts["good"].to_numpy().astype(float)
    low, high = newcombe(bad, all_bad, good, all_good)
    p = _fisher(bad, all_bad, good, all_good)
    return counts.with_columns(
        bad_share=pl.col("bad") / max(all_bad, 1),
        good_share=pl.col("good") / max(all_good, 1),
        low=pl.Series(low),
        high=pl.Series(high),
        p=pl.Series(p),
        discovery=pl.Series(benjamini_hochberg(p)),
    ).with_columns(difference=pl.col("bad_share") - pl.col("good_share"))


def _certain_difference() -> pl.Expr:
    return pl.max_horizontal("low", -pl.col("high"), 0.0)


def _values(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the distinct rows [trace_id, service, attribute, value].

    Each distinct attributes text is parsed once.
    """
    texts = frame["attributes"].drop_nulls().unique()
    members = [(text, key, _as_text(value)) for text in texts for key, value in orjson.loads(text).items()]
    parsed = pl.DataFrame(
        members, schema={"attributes": pl.String, "attribute": pl.String, "value": pl.String}, orient="row"
    )
    held = ("trace_id", "service", "attribute", "value")
    of_attributes = frame.select("trace_id", "service", "attributes").unique().join(parsed, on="attributes")
    of_columns = frame.select("trace_id", "service", pl.col(COLUMNS).cast(pl.String)).unpivot(
        on=COLUMNS, index=("trace_id", "service"), variable_name="attribute"
    )
    return pl.concat([of_attributes.select(held), of_columns.drop_nulls("value").select(held)]).unique()


def _as_text(value: object) -> str | None:
    """Return an attribute's value as text: what is no text as JSON writes it, lists and objects too."""
    return value if isinstance(value, str | None) else orjson.dumps(value).decode()


def _fisher(bad: Floats, all_bad: int, good: Floats, all_good: int) -> Floats:
    """Return two-sided p-values: twice the smaller tail of the hypergeometric distribution."""
    from scipy.stats import hypergeom

    table = hypergeom(all_bad + all_good, all_bad, bad + good)
    p: Floats = np.minimum(1.0, 2 * np.minimum(table.cdf(bad), table.sf(bad - 1)))
    return p
