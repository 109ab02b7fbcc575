"""Names of durations in JSON lines and logfmt, where the name or the value tells the unit.

`took_ms=250` and `took=250ms` are durations; `took=250` is not, because its unit would be a guess.
"""

from __future__ import annotations

from collections.abc import Mapping

from incident_kit.read.values import kinds
from incident_kit.read.values.kinds import Kind

# Names of the duration of a whole request. Where a line has several, the first one here is used.
WHOLE_REQUEST = (
    "duration", "latency", "elapsed", "elapsed_time", "took", "response_time", "request_duration",
    "request_latency", "response_latency", "time_taken", "total_time", "total_duration", "processing_time",
    "process_time", "http_duration", "dur",
)  # fmt: skip
# Names that are read without a unit in the name if the value has one: `"took":"250ms"`.
UNIT_IN_VALUE = (
    *WHOLE_REQUEST, "elapsedTime", "responseTime", "requestDuration", "timeTaken", "totalTime",
    "response-time", "http.response.duration",
)  # fmt: skip
UNITS: Mapping[Kind, tuple[str, ...]] = {
    kinds.MILLISECONDS: ("ms", "msec", "msecs", "millis", "milliseconds"),
    kinds.SECONDS: ("s", "sec", "secs", "seconds"),
    kinds.MICROSECONDS: ("us", "usec", "micros", "microseconds"),
    kinds.NANOSECONDS: ("ns", "nsec", "nanos", "nanoseconds"),
}


def _with_unit(name: str, unit: str) -> tuple[str, ...]:
    """Return the spellings of a name with a unit: `time_taken_ms`, `timeTakenMs`, `time_taken_in_ms`, ..."""
    first, *others = f"{name}_{unit}".split("_")
    camel = first + "".join(map(str.capitalize, others))
    return f"{name}_{unit}", camel, f"{name}_in_{unit}", f"{name}-{unit}"


DURATIONS: Mapping[str, Kind] = {
    # nginx's variable.
    "request_time": kinds.SECONDS,
    **{
        spelt: kind
        for kind, units in UNITS.items()
        for unit in units
        for name in (*WHOLE_REQUEST, "request_time")
        for spelt in _with_unit(name, unit)
    },
    "latency_human": kinds.UNIT_DURATION,
    "http.server.request.duration": kinds.SECONDS,
    # Kong's key. Kong also logs the parts of this duration, in milliseconds.
    "latencies.request": kinds.MILLISECONDS,
    # express-winston's key, and Linkerd's.
    "meta.responseTime": kinds.MILLISECONDS,
    "total_ns": kinds.NANOSECONDS,
    "event.duration": kinds.NANOSECONDS,
}
