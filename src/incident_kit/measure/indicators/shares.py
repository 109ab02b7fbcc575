"""Attribute the extra bad requests to groups: shares that add up to 1, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.decomposition import Decomposition, decompose
from incident_kit.measure.arrays.dispersion import WindowCounts
from incident_kit.measure.arrays.share_intervals import mix_share_bounds, share_bounds
from incident_kit.schema import ENDPOINT
from incident_kit.wording import UNEXPLAINED

BLOCKS = 30
"""Time blocks in a window: enough to estimate how much counts vary, long enough to keep correlated requests
together.
"""

COLUMNS = (
    "share", "low", "high", "rate_share", "mix_share", "bad", "expected", "excess", "requests",
    "baseline_bad", "baseline_requests",
)  # fmt: skip


def shares(before: pl.DataFrame, during: pl.DataFrame, by: Sequence[str] = ENDPOINT) -> pl.DataFrame:
    """Attribute the extra bad requests to groups.

    Parameters
    ----------
    before, during
        [time, *by, requests, bad] of the baseline and of the incident, as `bad_counts` returns them.
    by
        The columns that name a group.

    Returns
    -------
    pl.DataFrame
        [*by, share, low, high, rate_share, mix_share, bad, expected, excess, requests, ...], greatest share
        first. Shares sum to 1, and `rate_share` and `mix_share` sum to the share; without an excess they are
        all 0. The last row, `(unexplained)`, holds the requests whose group is unknown.
    """
    groups = _groups(before, during, by)
    counts0, counts1 = (block_counts(counts, groups, by) for counts in (before, during))
    (n0, b0), (n1, b1) = counts0.totals, counts1.totals
    terms = decompose(n0, b0, n1, b1)
    values = {
        **_relative(terms, share_bounds(counts0, counts1)),
        "bad": b1.astype(np.int64),
        "expected": terms.expected,
        "excess": terms.excess,
        "requests": n1.astype(np.int64),
        "baseline_bad": b0.astype(np.int64),
        "baseline_requests": n0.astype(np.int64),
    }
    last = pl.col(by[-1]) == UNEXPLAINED
    return (
        groups.with_columns(pl.Series(name, values[name]) for name in COLUMNS)
        .sort(last, -pl.col("share"), -pl.col("excess"), *by)
        .select(*by, *COLUMNS)
    )


def mix_share(before: pl.DataFrame, during: pl.DataFrame) -> tuple[float, float, float]:
    """Return the share of the whole excess that traffic moved between endpoints explains, with its interval.

    `before` and `during` are the tables that `shares` takes, counted by endpoint.
    """
    groups = _groups(before, during, ENDPOINT)
    counts0, counts1 = (block_counts(counts, groups, ENDPOINT) for counts in (before, during))
    terms = decompose(*counts0.totals, *counts1.totals)
    whole = terms.excess.sum()
    return float(terms.mix.sum() / whole if whole else 0.0), *mix_share_bounds(counts0, counts1)


def block_counts(counts: pl.DataFrame, groups: pl.DataFrame, by: Sequence[str]) -> WindowCounts:
    """Return requests and bad requests by block of time and group, in the order of `groups`."""
    times = counts["time"].dt.epoch("us").to_numpy()
    first, last = (times.min(), times.max()) if len(times) else (0, 0)
    distinct = len(np.unique(times))
    blocks = min(BLOCKS, max(distinct, 1))
    block = ((times - first) * blocks // (last - first + 1)).astype(np.int64)
    place = _named(counts, by).join(
        groups.with_row_index("place"), on=list(by), maintain_order="left", how="left"
    )
    cell = block * groups.height + place["place"].to_numpy().astype(np.int64)
    shape = (blocks, groups.height)
    return WindowCounts(*(_sum(cell, counts[name].to_numpy(), shape) for name in ("requests", "bad")))


def _sum(cell: Ints, weights: Floats, shape: tuple[int, int]) -> Floats:
    return np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).astype(float).reshape(shape)


def _groups(before: pl.DataFrame, during: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return every group of either window once, and the unexplained group."""
    nobody = pl.DataFrame({name: ["" if name != by[-1] else UNEXPLAINED] for name in by})
    return pl.concat([_named(before, by), _named(during, by), nobody]).unique().sort(by)


def _named(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return the groups' names as text. A group whose last name is null becomes the unexplained group."""
    unknown = pl.col(by[-1]).is_null()
    return counts.select(
        pl.when(unknown)
        .then(pl.lit(UNEXPLAINED if name == by[-1] else ""))
        .otherwise(pl.col(name).cast(pl.String).fill_null(""))
        .alias(name)
        for name in by
    )


def _relative(terms: Decomposition, bounds: tuple[Floats, Floats]) -> dict[str, Floats]:
    """Return the terms as shares of the whole excess; all zero without an excess."""
    whole = terms.excess.sum()
    if whole <= 0:
        nothing = np.zeros_like(terms.excess)
        return dict.fromkeys(("share", "low", "high", "rate_share", "mix_share"), nothing)
    return {
        "share": terms.excess / whole,
        "low": bounds[0],
        "high": bounds[1],
        "rate_share": terms.rate / whole,
        "mix_share": terms.mix / whole,
    }
