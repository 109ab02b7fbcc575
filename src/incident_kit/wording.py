"""Numbers to words: one way to say a share, a duration, a count, a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

KINDS = {
    "latency": "latency incident",
    "errors": "error incident",
    "traffic": "shift of traffic",
    "outage": "outage",
}
"""What an incident is called, by its kind."""


def percent(share: float, digits: int = 1) -> str:
    """Write a share of one as a percentage, without a trailing zero: 0.925 becomes `92.5 %`."""
    text = f"{100 * share:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text} %"


def share_with_interval(share: float, low: float, high: float) -> str:
    """Write a share with its interval: `93 % (90 to 95)`."""
    bounds = " to ".join(percent(bound, 0).removesuffix(" %") for bound in (low, high))
    return f"{percent(share, 0)} ({bounds})"


def milliseconds(value: float) -> str:
    """Write milliseconds so that three digits matter: `0.42 ms`, `230 ms`, `4.6 s`."""
    size = abs(value)
    if size >= 10_000:
        return span(value / 1000)
    if size >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if size >= 10 else f"{value:.2g} ms"


def span(seconds: float) -> str:
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


def clock(instant: datetime, seconds: bool = True) -> str:
    """Write an instant with its zone: `2026-01-31 10:00:00 UTC`."""
    local = instant.astimezone(UTC) if instant.tzinfo in (None, UTC) else instant
    return f"{local:%Y-%m-%d %H:%M:%S}"[: 19 if seconds else 16] + f" {local.tzname()}"


def stretch(start: datetime, end: datetime) -> str:
    """Write a stretch of time, a date that both ends share once: `2026-01-31 10:00:00 to 10:15:00 UTC`."""
    first, last = clock(start), clock(end)
    date, zone = first[:11], first[19:]
    if last.startswith(date) and last.endswith(zone):
        return f"{first.removesuffix(zone)} to {last.removeprefix(date)}"
    return f"{first} to {last}"


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """Join words as prose does: `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
