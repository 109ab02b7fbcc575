"""A request as it happened, and what every writer of a log format says about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

# What people, scanners and broken clients put into paths and headers.
LETTERS = st.sampled_from("abcXYZ019./")
HOSTILE = st.sampled_from('"\\[]{}|<>%#=&+,:;\x01\x7fäß€𝄞')
WORD = st.text(st.one_of(LETTERS, LETTERS, HOSTILE), max_size=8)
TEXT = st.text(st.one_of(LETTERS, HOSTILE, st.sampled_from(" \t")), max_size=10)
NAME = st.text(st.sampled_from("abcxyz019"), min_size=1, max_size=6)
SPACES = str.maketrans("\t", " ")


@dataclass(frozen=True)
class Record:
    """One request. `at` is the moment that the log records, whichever of its own that is."""

    at: datetime
    method: str
    target: str
    http_version: str
    host: str
    status: int
    duration_us: int
    bytes_sent: int
    client_ip: str
    client_port: int
    user: str | None
    user_agent: str | None
    referer: str | None
    upstream_addr: str
    upstream_status: int
    upstream_us: int
    request_id: str
    trace_id: str

    @property
    def path(self) -> str:
        """The target up to the first question mark."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str | None:
        """What follows the question mark; None without one."""
        return self.target.partition("?")[2] if "?" in self.target else None

    @property
    def line(self) -> str:
        """The request line."""
        return f"{self.method} {self.target} HTTP/{self.http_version}"

    @property
    def end(self) -> datetime:
        """When a request that began at `at` was done."""
        return self.at + timedelta(microseconds=self.duration_us)


RECORDS = st.builds(
    Record,
    # From here on the seconds since 1970 have ten digits, by which an epoch's unit is told.
    at=st.datetimes(datetime(2002, 1, 1), datetime(2099, 1, 1)).map(lambda time: time.replace(tzinfo=UTC)),
    method=st.sampled_from(["GET", "POST", "PROPFIND", "M-SEARCH"]),
    target=st.builds(lambda path, query: f"/{path}{query}", WORD, st.just("") | WORD.map("?{}".format)),
    http_version=st.sampled_from(["1.0", "1.1", "2.0"]),
    host=NAME.map("{}.example.com".format),
    status=st.integers(200, 599),
    duration_us=st.integers(0, 10**8),
    bytes_sent=st.integers(1, 10**12),
    client_ip=st.sampled_from(["203.0.113.7", "2001:db8::7"]),
    client_port=st.integers(1, 65535),
    user=st.none() | NAME,
    user_agent=st.none() | TEXT,
    referer=st.none() | TEXT,
    upstream_addr=st.sampled_from(["10.0.0.1:80", "[2001:db8::1]:8080", "web-1"]),
    upstream_status=st.integers(200, 599),
    upstream_us=st.integers(0, 10**8),
    request_id=NAME,
    trace_id=st.integers(16**31, 16**32 - 1).map("{:032x}".format),
)


@dataclass(frozen=True)
class Writer:
    """How a server writes a record, and which columns of it come back, to which grain of time.

    `limits` is what the server itself loses or forbids: the record is what it makes of the one given.
    """

    line: Callable[[Record], str]
    columns: tuple[str, ...]
    tick_us: int = 1_000_000
    grain_us: int = 1000
    head: str = ""
    limits: Callable[[Record], Record] = lambda record: record

    def expected(self, record: Record) -> dict[str, Any]:
        """Return the columns that come back."""
        return {name: self._value(record, name) for name in self.columns}

    def _value(self, record: Record, name: str) -> Any:
        if name == "timestamp":
            return record.at - timedelta(microseconds=record.at.microsecond % self.tick_us)
        if name in MICROSECONDS:
            return getattr(record, MICROSECONDS[name]) // self.grain_us * self.grain_us / 1000
        value = getattr(record, name)
        return None if value in ("", "-") and name != "query" else value


MICROSECONDS: Mapping[str, str] = {"duration_ms": "duration_us", "upstream_duration_ms": "upstream_us"}
REQUEST = ("method", "target", "path", "query", "http_version")


def clf(time: datetime) -> str:
    """Write a time as the common log format does, in UTC."""
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000")


def iso(time: datetime, digits: int = 6) -> str:
    """Write a time as ISO 8601 does, with so many digits of a second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")[: 20 + digits].rstrip(".") + "Z"


def seconds(microseconds: int, digits: int = 3) -> str:
    """Write a duration in seconds, cut off after so many digits."""
    whole, rest = divmod(microseconds, 10**6)
    return f"{whole}.{rest:06}"[: len(str(whole)) + 1 + digits]


def dash(value: str | None) -> str:
    """Write a dash for nothing."""
    return value or "-"


def nginx_escaped(text: str | None) -> str:
    r"""Write text as nginx does: quotes, backslashes, control characters and what is not ASCII as `\xHH`."""
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02X}"
        for byte in dash(text).encode()
    )


def apache_escaped(text: str | None) -> str:
    """Write text as Apache does: quotes and backslashes with a backslash before them, the rest as nginx."""
    letters = {"\t": r"\t", '"': r"\"", "\\": r"\\"}
    return "".join(
        letters.get(one) or (one if " " <= one <= "~" else nginx_escaped(one).lower()) for one in dash(text)
    )


def query_or_none(record: Record) -> Record:
    """Return the record without an empty query, of which a log that gives queries apart says nothing."""
    return replace(record, target=record.path) if record.query in ("", "-") else record


def without(characters: str, text: str | None) -> str | None:
    """Return the text without those characters, and without what is not printable ASCII."""
    return text and "".join(one for one in text if " " <= one < "\x7f" and one not in characters)
