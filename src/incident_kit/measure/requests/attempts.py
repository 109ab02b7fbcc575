"""Read the upstream attempts of a request that a proxy tried more than once, and choose the one to blame.

For example, a proxy tries `10.0.0.1` (502 after 3 ms), then `10.0.0.2` (200 after 40 ms). The attempt to
blame is the one at `10.0.0.1`, because it failed.
"""

from __future__ import annotations

import polars as pl

from incident_kit.measure.requests.status_meaning import SERVER_ERROR
from incident_kit.schema import REQUESTS

ATTEMPTS = pl.List(pl.Struct({"addr": pl.String, "status": pl.Int64, "ms": pl.Float64}))

ATTEMPT_FIELDS = {"upstream_addr": "addr", "upstream_status": "status", "upstream_duration_ms": "ms"}
"""Columns of REQUESTS that describe the last attempt or all together, with the field that describes each
attempt.
"""

_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_ONE = rf'\{{"addr":(?:null|"[^"\\]*"),"status":(?:null|\d{{1,9}}),"ms":(?:null|{_NUMBER})\}}'
LISTED = rf"^\[{_ONE}(?:,{_ONE})+\]$"
"""Pattern of the lists of attempts that readers write. A log may use a field of the same name for something
else.
"""


def attempts() -> pl.Expr:
    """Return the expression on REQUESTS for the list of several attempts, null if there was only one."""
    # Few requests are tried again, and parsing an object costs far more than a search for the field's name.
    listed = pl.when(_may_be_listed()).then("extra").str.json_path_match("$.attempts")
    return pl.when(listed.str.contains(LISTED)).then(listed).str.json_decode(ATTEMPTS).alias("attempts")


def may_have_several(requests: pl.DataFrame) -> bool:
    """Return whether any of the REQUESTS may have several attempts. It is far faster than `attempts`."""
    return bool(requests.select(_may_be_listed().any()).item())


def _may_be_listed() -> pl.Expr:
    return pl.col("extra").str.contains('"attempts":', literal=True)


def blamed_attempt() -> dict[str, pl.Expr]:
    """Return the upstream columns of REQUESTS for the attempt that made the request bad.

    If a server fails, the proxy tries the next one, which may answer. The attempt to blame is therefore the
    first one that failed, or else the one that took longest. For a request with one attempt, the columns stay
    unchanged.
    """
    one, status = pl.element(), pl.element().struct.field("status")
    # An attempt without a status was never answered.
    failed = attempts().list.eval(one.filter(status.is_null() | (status >= SERVER_ERROR)))
    by_time = attempts().list.eval(one.sort_by(one.struct.field("ms"), descending=True, nulls_last=True))
    owed = pl.when(failed.list.len() > 0).then(failed).otherwise(by_time).list.first().struct
    return {
        column: pl.when(attempts().is_not_null())
        .then(owed.field(name).cast(REQUESTS[column].dtype, strict=False))
        .otherwise(pl.col(column))
        for column, name in ATTEMPT_FIELDS.items()
    }
