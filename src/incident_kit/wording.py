"""Turn numbers into words: one way to write a share, a duration, a count, a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import floor, log10

KINDS = {
    "latency": "latency incident",
    "errors": "error incident",
    "traffic": "shift of traffic",
    "outage": "outage",
}
"""Name of an incident by its kind."""

EARLIER = " or earlier (the data begin with it)"
"""Suffix for the onset of an incident that begins with the data."""

NEVER_ARRIVED = "never arrived, or were never logged"
"""Description of the requests that are missing in an outage."""

EVERYWHERE = "(all)"
"""Name of all endpoints together in tables that name endpoints."""

UNEXPLAINED = "(unexplained)"
"""Name of the remainder that no row of a table explains."""

REGRESSION, IMPROVEMENT = "regression", "improvement"
"""Verdicts on a change between two releases that is beyond chance and large enough to matter."""

NAME_WIDTH = 80
"""Longest name in a sentence in characters, about a line. A longer name loses its middle."""

MAX_DECIMALS = 6
"""Most decimals of a percentage: one in a hundred million. A smaller share is written as 0."""

# Limits from which milliseconds are written without decimals, as seconds, and as a length of time. Each is a
# little below its power of ten, so that rounding does not write 1000 ms.
SHORT_MS, SECOND_MS, LONG_MS = 9.95, 999.5, 9_995


def percent(share: float, digits: int = 1) -> str:
    """Write a share of one as a percentage, without a trailing zero: 0.925 becomes `92.5 %`."""
    text = f"{100 * share:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text} %"


def rejected(number: int, noun: str, none: str = "none was rejected") -> str:
    """Write how many items were rejected: `1 line was rejected`, `2 lines were rejected`; `none` for zero."""
    return f"{count(number, noun)} {'was' if number == 1 else 'were'} rejected" if number else none


def share_with_interval(share: float, low: float, high: float) -> str:
    """Write a share with its interval if that has a width: `93 % (90 to 95)`, `100 %`."""
    said, *bounds = (percent(part, 0) for part in (share, low, high))
    within = " to ".join(bound.removesuffix(" %") for bound in bounds)
    return said if bounds == [said, said] else f"{said} ({within})"


def rate(share: float) -> str:
    """Write a share with three digits that distinguish it from 0 and 1: `15.3 %`, `0.021 %`, `99.989 %`."""
    return percent(share, _digits(min(abs(share), abs(1 - share))))


def points(change: float) -> str:
    """Write a change of a share in percentage points: from 10 % to 25.3 % it is `15.3 pp`."""
    return f"{percent(change, _digits(abs(change))).removesuffix(' %')} pp"


def _digits(part: float) -> int:
    """Return how many decimals a percentage needs to show three significant digits of a share.

    There are at most three decimals. A smaller share gets as many as its first digit needs, so it is not
    written as 0.
    """
    whole = floor(log10(100 * part)) if part else 0
    return max(min(max(2 - whole, 1), 3), min(-whole, MAX_DECIMALS))


def quantile(q: float) -> str:
    """Write the name of a quantile: `p95`, `p99.9`."""
    return f"p{percent(q, 3).removesuffix(' %')}"


def milliseconds(value: float) -> str:
    """Write milliseconds with the digits that matter: `0.42 ms`, `230 ms`, `1.16 s`, `1 min 15 s`."""
    size = abs(value)
    if size >= LONG_MS:
        return duration_words(value / 1000)
    if size >= SECOND_MS:
        return f"{value / 1000:.3g} s"
    if size >= SHORT_MS:
        return f"{value:.0f} ms"
    text = f"{round(value, 2):.2g}"
    return f"{'0' if text == '-0' else text} ms"


def duration_words(seconds: float) -> str:
    """Write a length of time in its two largest units: `4 min 20 s`, `1 h 5 min`, `45 s`."""
    sign, rest = ("-" if seconds < 0 else ""), round(abs(seconds))
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return sign + (" ".join(parts[:2]) or "0 s")


def count(number: float, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun: `1 request`, `12,000 requests`."""
    word = noun if number == 1 else plural or f"{noun}s"
    return f"{number:,.0f} {word}"


def endpoint(method: str | None, route: str | None) -> str:
    """Write an endpoint as `GET /users/{id}`, shortened to fit into a sentence."""
    return shorten(" ".join(part for part in (method, route) if part))


def shorten(name: str, width: int = NAME_WIDTH) -> str:
    """Shorten a name in its middle, because similar names seldom differ there."""
    head = (width - 1) // 2
    return name if len(name) <= width else f"{name[:head]}…{name[head + 1 - width :]}"


def clock(instant: datetime) -> str:
    """Write an instant with its zone: `2026-01-31 10:00:00 UTC`."""
    local = instant.astimezone(UTC) if instant.tzinfo in (None, UTC) else instant
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"


def stretch(start: datetime, end: datetime) -> str:
    """Write a period, with a shared date only once: `2026-01-31 10:00:00 to 10:15:00 UTC`."""
    first, last = clock(start), clock(end)
    date, zone = first[:11], first[19:]
    if last.startswith(date) and last.endswith(zone):
        return f"{first.removesuffix(zone)} to {last.removeprefix(date)}"
    return f"{first} to {last}"


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """Join words as in prose: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
