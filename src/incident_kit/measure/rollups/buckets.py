"""How wide a rollup's buckets of time are."""

from __future__ import annotations

from datetime import datetime

from incident_kit.errors import ParameterError

BUCKETS_S = (1, 2, 5, 10, 15, 30, 60)
MOST_BUCKETS = 3_600
"""An hour is kept by the second, ten hours by ten seconds, more than 30 hours by the minute."""


def whole(seconds: int) -> int:
    """Return the seconds of a bucket that was asked for.

    Raises
    ------
    ParameterError
        If they are no whole number.
    """
    if seconds < 1 or seconds != int(seconds):
        raise ParameterError(f"A bucket of {seconds} s is no whole number of seconds; give one such as 60.")
    return int(seconds)


def fitting_bucket(first: datetime | None, last: datetime | None) -> int:
    """Return the narrowest bucket that needs at most `MOST_BUCKETS` for a span; a minute at most."""
    seconds = (last - first).total_seconds() if first and last else 0.0
    return next((width for width in BUCKETS_S if seconds <= width * MOST_BUCKETS), BUCKETS_S[-1])
