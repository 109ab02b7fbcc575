"""Calls whose answer is not on record, though they went as usual: the callee only records no spans any more.

A killed service and one that lost its instrumentation leave the same gap. But calls to the one end at once,
or when their caller gives up, and then the caller stops or tries again; with the other nothing changes.
"""

from __future__ import annotations

import polars as pl

CALL = ["service", "name", "callee"]

FEWEST = 5
"""Fewer calls have no usual duration."""

AS_OFTEN = 0.2
"""Callers go on as usual if it is their last call as often as before, within a fifth."""


def answered_unheard(waiting: pl.DataFrame, unanswered: pl.DataFrame) -> pl.Series:
    """Return of each unanswered call whether calls of its kind went as usual.

    Both: segment, start, end, service, name, callee (of the second the one who used to answer). `waiting` has
    besides `usual`, whether it may be learnt from, and `awaited`, whether somebody waited for the answer: how
    long it takes to send a message tells nothing.
    """
    begun_last = pl.col("start") == pl.col("start").max().over("segment")
    length, last = pl.col("end") - pl.col("start"), pl.col("last").mean()
    calls = waiting.with_columns(last=begun_last)
    known = (
        calls.filter("usual", "awaited")
        .group_by(CALL)
        .agg(low=length.quantile(0.25), high=length.quantile(0.75), usually_last=last, known=pl.len())
    )
    own = unanswered.join(calls.select("span", "last"), on="span", how="left", maintain_order="left")
    now = own.group_by(CALL).agg(median=length.median(), last=last)
    as_usual = (
        pl.col("median").is_between("low", "high")
        & ((pl.col("last") - pl.col("usually_last")).abs() <= AS_OFTEN)
        & (pl.col("known") >= FEWEST)
    )
    kinds = now.join(known, on=CALL).select(*CALL, as_usual=as_usual)
    return unanswered.join(kinds, on=CALL, how="left", maintain_order="left")["as_usual"].fill_null(
        value=False
    )
