"""Tell traffic that moved to endpoints which were bad before from endpoints that got worse.

Example: `/search` always has 20 % slow requests, and `/home` 1 %. If the share of `/search` among all
requests rises from 10 % to 50 %, the share of slow requests rises from 2.9 % to 10.5 %, but no endpoint got
worse.
"""

from __future__ import annotations

import polars as pl

from incident_kit.measure.indicators.bad_requests import totals
from incident_kit.measure.indicators.shares import mix_share
from incident_kit.schema import ENDPOINT

MIN_KNOWN = 20
"""An endpoint needs this many requests in the baseline before it can be called bad, or good, by itself."""

SELDOM = "(seldom)"

MOSTLY_MIX = 0.5
"""If more than half of the excess is mix, interval included, traffic moved and nothing got worse."""


def pooled(before: pl.DataFrame, during: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return counts by endpoint, with all endpoints that the baseline hardly knows pooled as one.

    Paths without a template are new all the time. Pooled, they are old, and can get worse.
    """
    requests = before.group_by(ENDPOINT).agg(pl.col("requests").sum())
    known = requests.filter(pl.col("requests") >= MIN_KNOWN).select(*ENDPOINT, known=True)
    name = [pl.when("known").then(pl.col(one)).otherwise(pl.lit(SELDOM)).alias(one) for one in ENDPOINT]
    one, other = (
        counts.join(known, on=ENDPOINT, how="left", nulls_equal=True).with_columns(name)
        for counts in (before, during)
    )
    return one, other


def excess_over(before: pl.DataFrame, during: pl.DataFrame) -> float:
    """Return the bad requests of [requests, bad] beyond those that the share before leads to expect."""
    (requests, bad), (usual_requests, usual_bad) = totals(during), totals(before)
    return bad - requests * usual_bad / max(usual_requests, 1)


def is_mostly_moved(before: pl.DataFrame, during: pl.DataFrame) -> bool:
    """Return whether most of the excess of bad requests came because traffic moved.

    Bad requests at endpoints that did not exist before are not moved traffic, because nobody knows that these
    endpoints were always bad. Both frames are [time, method, route, requests, bad].
    """
    old, new = pooled(before, during)
    excess = excess_over(before, during)
    if excess <= 0 or not old.height:
        return False
    return mix_share(old, new)[1] - _bad_at_new_endpoints(old, new) / excess > MOSTLY_MIX


def is_moved_traffic(before: pl.DataFrame, after: pl.DataFrame, tolerated: float) -> bool:
    """Return whether a share rose because traffic moved, and by at most `tolerated` for another reason.

    Parameters
    ----------
    before, after
        [time, method, route, requests, bad] of the two sides.
    """
    old, new = pooled(before, after)
    (usual_requests, usual_bad), (requests, bad) = totals(old), totals(new)
    if not usual_requests or not requests or not old.height or _bad_at_new_endpoints(old, new):
        return False
    rise = bad / requests - usual_bad / usual_requests
    share, low, _ = mix_share(old, new)
    return low > MOSTLY_MIX and (1 - share) * rise <= tolerated


def _bad_at_new_endpoints(old: pl.DataFrame, new: pl.DataFrame) -> int:
    """Return the bad requests of pooled counts at endpoints that the baseline does not have at all."""
    seldom = pl.col("route") == SELDOM
    return totals(new.filter(seldom))[1] if old.filter(seldom).is_empty() else 0
