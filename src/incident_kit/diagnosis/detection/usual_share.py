"""The share of bad requests that is usual at every moment, learnt from the time outside incidents.

Example: a nightly job makes 8 % of the requests slow from 2:00 to 2:30. After three days, 8 % is usual at
that time.
"""

from __future__ import annotations

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats

LOCAL_S = 3 * 3600
"""The usual share is learnt from three hours on either side: long beside an incident, short beside a day."""

PRIOR_BAD = 10.0
"""Weight of the whole log in every local estimate: as if it had contributed this many bad requests there."""

BAD_IN_BLOCK, MIN_BLOCKS, MAX_BLOCKS = 10, 4, 40
"""How a log is cut to find its best quarter. Ten bad requests per block give its share to within a third."""

DAY_S = 86_400
SEASON_S = 1_800
"""The same half hour on other days shows what recurs, such as a nightly job."""

SEASON_DAYS = 3
"""From this many days on, their median is trusted: the middle one of three is not the odd one out."""


def first_guess(bad: Floats, total: Floats) -> float:
    """Return the share of bad requests in the best quarter of the log, since no incident fills all of it.

    Blocks are long enough for each to have some bad requests; otherwise the best blocks would be the
    luckiest.
    """
    blocks = int(np.clip(bad.sum() // BAD_IN_BLOCK, MIN_BLOCKS, MAX_BLOCKS))
    parts = np.array_split(np.arange(len(bad)), min(blocks, len(bad)))
    sums = np.array([(bad[part].sum(), total[part].sum()) for part in parts if total[part].sum() > 0])
    best = sums[np.argsort(sums[:, 0] / sums[:, 1], kind="stable")][: (len(sums) + 3) // 4]
    return float(best[:, 0].sum() / best[:, 1].sum())


def usual_share(bad: Floats, total: Floats, healthy: Bools, bucket_s: int) -> tuple[Floats, Floats]:
    """Return the usual share of bad requests at every bucket, and the number of requests it was learnt from.

    It is learnt from the healthy buckets around. With three days or more, the share that recurs at the same
    time of most days counts as usual too.
    """
    kept_bad, kept_total = np.where(healthy, bad, 0.0), np.where(healthy, total, 0.0)
    overall = kept_bad.sum() / max(kept_total.sum(), 1.0)
    if overall == 0:
        return np.zeros(len(bad)), np.full(len(bad), kept_total.sum())
    reach = LOCAL_S // bucket_s
    nearby = [moving_sum(values, reach) for values in (kept_bad, kept_total)]
    prior = PRIOR_BAD / overall
    local = (nearby[0] + PRIOR_BAD) / (nearby[1] + prior)
    # So many requests would tell as much as the mixture of those nearby and of the whole log does. Within an
    # incident of many hours none are near, and the whole log tells what is usual.
    of_whole = prior / (nearby[1] + prior)
    known = 1 / ((1 - of_whole) ** 2 / np.maximum(nearby[1], 1.0) + of_whole**2 / kept_total.sum())
    return np.maximum(local, _recurring_share(bad, total, bucket_s)), known


def moving_sum(values: Floats, reach: int) -> Floats:
    """Return the sum over each bucket and those up to `reach` away on either side, cut to the log."""
    upto = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    sums: Floats = upto[np.minimum(places + reach + 1, len(values))] - upto[np.maximum(places - reach, 0)]
    return sums


def by_day(counts: Floats, bucket_s: int, slot_s: int) -> Floats:
    """Return the counts of slots of time, of shape (whole days, slots of a day); what is left over is cut.

    No day is whole where buckets are longer than one.
    """
    per_day, per_slot = DAY_S // bucket_s, max(slot_s // bucket_s, 1)
    days, slots = len(counts) // max(per_day, 1), per_day // per_slot
    whole = counts[: days * per_day].reshape(days, per_day)[:, : slots * per_slot]
    sums: Floats = whole.reshape(days, slots, per_slot).sum(axis=2)
    return sums


def middle_day(shares: Floats) -> Floats:
    """Return the median over days (the first axis), of two days the lower one: the other may be odd."""
    middle: Floats = np.quantile(shares, 0.5, axis=0, method="lower")
    return middle


def _recurring_share(bad: Floats, total: Floats, bucket_s: int) -> Floats:
    """Return the median over other days of the share in the same half hour; 0 with too few days."""
    per_day, per_slot = DAY_S // bucket_s, max(SEASON_S // bucket_s, 1)
    if not per_day or len(bad) < SEASON_DAYS * per_day:
        return np.zeros(len(bad))
    share = by_day(bad, bucket_s, SEASON_S) / np.maximum(by_day(total, bucket_s, SEASON_S), 1)
    days, slots = share.shape
    others = np.stack([middle_day(np.delete(share, day, axis=0)) for day in range(days)])
    place = np.arange(len(bad))
    day, slot = np.minimum(place // per_day, days - 1), np.minimum(place % per_day // per_slot, slots - 1)
    usual: Floats = others[day, slot]
    return usual
