"""What durations are called in JSON lines and logfmt, where the name or the value itself tells the unit."""

from __future__ import annotations

from collections.abc import Mapping

from incident_kit.read.values import kinds
from incident_kit.read.values.kinds import Kind

# What is called so took the whole request: of several the first is believed.
TAKEN = (
    "duration", "latency", "elapsed", "elapsed_time", "took", "response_time", "request_duration",
    "request_latency", "response_latency", "time_taken", "total_time", "total_duration", "processing_time",
    "process_time", "http_duration", "dur",
)  # fmt: skip
# They are read without a unit in their name where their value has one: `"took":"250ms"`.
TELLING = (
    *TAKEN, "elapsedTime", "responseTime", "requestDuration", "timeTaken", "totalTime", "response-time",
)  # fmt: skip
UNITS: Mapping[Kind, tuple[str, ...]] = {
    kinds.MILLISECONDS: ("ms", "msec", "msecs", "millis", "milliseconds"),
    kinds.SECONDS: ("s", "sec", "secs", "seconds"),
    kinds.MICROSECONDS: ("us", "usec", "micros", "microseconds"),
    kinds.NANOSECONDS: ("ns", "nsec", "nanos", "nanoseconds"),
}


def _with_unit(name: str, unit: str) -> tuple[str, ...]:
    """Return how a name and its unit are joined: `time_taken_ms`, `timeTakenMs`, `time_taken_in_ms`."""
    first, *others = f"{name}_{unit}".split("_")
    camel = first + "".join(map(str.capitalize, others))
    return f"{name}_{unit}", camel, f"{name}_in_{unit}", f"{name}-{unit}"


DURATIONS: Mapping[str, Kind] = {
    # nginx's.
    "request_time": kinds.SECONDS,
    **{
        spelt: kind
        for kind, units in UNITS.items()
        for unit in units
        for name in (*TAKEN, "request_time")
        for spelt in _with_unit(name, unit)
    },
    "latency_human": kinds.UNIT_DURATION,
    "http.server.request.duration": kinds.SECONDS,
    # Kong's, which tells the milliseconds of a request in parts too.
    "latencies.request": kinds.MILLISECONDS,
    "event.duration": kinds.NANOSECONDS,
}
