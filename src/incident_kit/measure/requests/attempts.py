"""The attempts upstream of a request that a proxy tried more than once, and the one that is to blame."""

from __future__ import annotations

import polars as pl

ATTEMPTS = pl.List(pl.Struct({"addr": pl.String, "status": pl.Int64, "ms": pl.Float64}))

FAILURE = 500
"""The least status that says the server failed; an attempt without any was never answered."""

_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_ONE = rf'\{{"addr":(?:null|"[^"\\]*"),"status":(?:null|\d{{1,9}}),"ms":(?:null|{_NUMBER})\}}'
LISTED = rf"^\[{_ONE}(?:,{_ONE})*\]$"
"""What readers write of several attempts; a log may have a field of that name for something else."""


def attempts() -> pl.Expr:
    """Return the expression on REQUESTS for the list of several attempts, null where there was only one."""
    listed = pl.col("extra").str.json_path_match("$.attempts")
    return pl.when(listed.str.contains(LISTED)).then(listed).str.json_decode(ATTEMPTS).alias("attempts")


def upstream_to_blame() -> pl.Expr:
    """Return the expression on REQUESTS for the upstream that a bad request is owed to, if to any.

    A server that fails is left for the next one, which answers: so it is the first that failed, or else the
    one that took longest.
    """
    one, status = pl.element(), pl.element().struct.field("status")
    failed = attempts().list.eval(one.filter(status.is_null() | (status >= FAILURE)))
    by_time = attempts().list.eval(one.sort_by(one.struct.field("ms"), descending=True, nulls_last=True))
    several = pl.when(failed.list.len() > 0).then(failed).otherwise(by_time)
    owed = several.list.first().struct.field("addr")
    tried = (pl.col("upstream_attempts") > 1) & attempts().is_not_null()
    return pl.when(tried).then(owed).otherwise(pl.col("upstream_addr"))
