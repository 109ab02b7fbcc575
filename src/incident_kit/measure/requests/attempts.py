"""The attempts upstream of a request that a proxy tried more than once, and the one that is to blame."""

from __future__ import annotations

import polars as pl

from incident_kit.schema import REQUESTS

ATTEMPTS = pl.List(pl.Struct({"addr": pl.String, "status": pl.Int64, "ms": pl.Float64}))

OF_AN_ATTEMPT = {"upstream_addr": "addr", "upstream_status": "status", "upstream_duration_ms": "ms"}
"""The columns of REQUESTS that say of the last attempt, or of all, what its field says of each."""

FAILURE = 500
"""The least status that says the server failed; an attempt without any was never answered."""

_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_ONE = rf'\{{"addr":(?:null|"[^"\\]*"),"status":(?:null|\d{{1,9}}),"ms":(?:null|{_NUMBER})\}}'
LISTED = rf"^\[{_ONE}(?:,{_ONE})+\]$"
"""What readers write of several attempts; a log may have a field of that name for something else."""


def attempts() -> pl.Expr:
    """Return the expression on REQUESTS for the list of several attempts, null where there was only one."""
    # Few requests are tried again, and to take an object apart costs far more than to look whether it may be.
    listed = pl.when(_may_be_listed()).then("extra").str.json_path_match("$.attempts")
    return pl.when(listed.str.contains(LISTED)).then(listed).str.json_decode(ATTEMPTS).alias("attempts")


def may_have_several(requests: pl.DataFrame) -> bool:
    """Return whether any of the REQUESTS can have been tried more than once; far faster than `attempts`."""
    return bool(requests.select(_may_be_listed().any()).item())


def _may_be_listed() -> pl.Expr:
    return pl.col("extra").str.contains('"attempts":', literal=True)


def to_blame() -> dict[str, pl.Expr]:
    """Return the upstream columns of REQUESTS as they are of the attempt that a bad request is owed to.

    A server that fails is left for the next one, which answers: so it is the first that failed, or else the
    one that took longest. Of a request that was tried once the columns stay what they are.
    """
    one, status = pl.element(), pl.element().struct.field("status")
    failed = attempts().list.eval(one.filter(status.is_null() | (status >= FAILURE)))
    by_time = attempts().list.eval(one.sort_by(one.struct.field("ms"), descending=True, nulls_last=True))
    owed = pl.when(failed.list.len() > 0).then(failed).otherwise(by_time).list.first().struct
    return {
        column: pl.when(attempts().is_not_null())
        .then(owed.field(name).cast(REQUESTS[column].dtype, strict=False))
        .otherwise(pl.col(column))
        for column, name in OF_AN_ATTEMPT.items()
    }
