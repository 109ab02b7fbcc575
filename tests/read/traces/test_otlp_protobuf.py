"""OTLP as protobuf: messages behind their lengths, compressed or not, and files that were cut."""

import gzip
import json
from collections.abc import Callable

import pytest
import zstandard

from incident_kit.errors import UnknownFormatError
from incident_kit.read.spans.dialect import known_formats
from incident_kit.read.traces import read_traces

FIRST = known_formats()["otlp-protobuf"].sample
LENGTH = 4
SECOND = FIRST.replace(bytes.fromhex("eee19b7ec3c1b174"), bytes.fromhex("eee19b7ec3c1b175"))
NAMELESS = FIRST.replace(bytes.fromhex("eee19b7ec3c1b174"), b"").replace(b"\x12\x08*", b"\x12\x00*")
JSON = json.dumps(json.loads(known_formats()["otlp-json"].sample)).encode()


def behind_length(message: bytes) -> bytes:
    return len(message).to_bytes(LENGTH) + message


def compressed(message: bytes) -> bytes:
    """Return a message as the file exporter writes it with `compression: zstd`."""
    return behind_length(zstandard.ZstdCompressor().compress(message))


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        (FIRST[LENGTH:], 1),
        (FIRST + SECOND, 2),
        (gzip.compress(FIRST + SECOND), 2),
        (compressed(FIRST[LENGTH:]) + compressed(SECOND[LENGTH:]), 2),
        (compressed(JSON) + compressed(JSON), 2),
    ],
    ids=["one message", "behind lengths", "in an archive", "each compressed", "JSON, each compressed"],
)
def test_messages_are_read_however_they_are_written(content: bytes, spans: int, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert (traces.trace_format, traces.spans.height, traces.rejected.height) == ("otlp-protobuf", spans, 0)
    assert set(traces.spans["service"]) == {"shop"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (FIRST + SECOND[:40], "the file ends after 36 of its 87 bytes"),
        (FIRST + SECOND[:2], "the file ends within the length of a message"),
        (FIRST + behind_length(b"\x0a\xff"), "Error parsing message"),
        (compressed(FIRST[LENGTH:]) + behind_length(b"\x28\xb5\x2f\xfdx"), "ended before the end of a frame"),
        (gzip.compress(FIRST * 3000)[:-20], "what came before was read"),
    ],
    ids=["cut in a message", "cut in a length", "no message", "damaged inside", "cut archive"],
)
def test_of_a_damaged_file_what_can_be_read_is_read(content: bytes, reason, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert traces.spans.height >= 1
    (why,) = traces.rejected["reason"]
    assert reason in why


def test_a_span_without_an_id_is_rejected(write_file: Callable) -> None:
    message = NAMELESS[LENGTH:]
    # The lengths of the fields around the id: the message's, the resource's spans', the scope's, the span's.
    shorter = message.replace(b"\x0a\x55", b"\x0a\x4d").replace(b"\x12\x39\x12\x37", b"\x12\x31\x12\x2f")
    traces = read_traces(write_file(FIRST + behind_length(shorter)))
    assert traces.spans.height == 1
    (row,) = traces.rejected.to_dicts()
    assert (row["line_number"], row["reason"]) == (2, "The span has no trace id or no span id.")
    assert '"name":"GET /"' in row["raw"]


def test_compressed_metrics_are_no_traces(write_file: Callable) -> None:
    with pytest.raises(UnknownFormatError):
        read_traces(write_file(compressed(b'{"resourceMetrics":[]}')))
