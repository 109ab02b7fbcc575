"""`read_traces`: every dialect into one frame of spans, and nothing dropped unseen."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path

import polars as pl
import pytest
import zstandard

from incident_kit.errors import ParameterError, SourceError, UnknownFormatError
from incident_kit.read.sources.paths import find_sources
from incident_kit.read.spans.dialect import known_formats
from incident_kit.read.spans.json_documents import JsonDialect
from incident_kit.read.traces import read_traces
from incident_kit.schema import SPANS, empty


@pytest.mark.parametrize("name", sorted(known_formats()))
def test_every_dialect_proves_itself_by_its_sample(name: str, tmp_path: Path) -> None:
    trace_format = known_formats()[name]
    path = tmp_path / "sample"
    path.write_bytes(trace_format.sample)
    recognised = [each.name for each in known_formats().values() if each.recognises(trace_format.sample)]
    traces = read_traces(path)
    assert recognised[0] == name
    assert traces.trace_format == name
    assert traces.spans.schema == empty(SPANS).schema
    assert traces.spans.height > 0
    assert traces.rejected.is_empty()
    assert (
        traces.spans.select(pl.col("trace_id", "span_id", "start", "name").is_null().any()).row(0)
        == (False,) * 4
    )


@pytest.mark.parametrize("spans", [3, 2_000], ids=["few spans", "many"])
@pytest.mark.parametrize(
    "written",
    [
        gzip.compress,
        bz2.compress,
        lzma.compress,
        zstandard.compress,
        lambda lines: lines.decode().encode("utf-16"),
        lambda lines: lines.replace(b"\n", b"\r"),
        lambda lines: bytes(100) + lines,
    ],
    ids=["gzip", "bzip2", "xz", "zstd", "UTF-16", "carriage returns alone", "NULs before"],
)
def test_a_file_reads_the_same_however_its_text_is_written(
    tmp_path: Path, written: Callable[[bytes], bytes], spans: int
) -> None:
    sample = known_formats()["otlp-json"].sample + b"\n"
    lines = b"".join(sample.replace(b"eee19b7ec3c1b174", b"%016x" % number) for number in range(1, spans + 1))
    (tmp_path / "plain.jsonl").write_bytes(lines)
    (tmp_path / "t.jsonl").write_bytes(written(lines))
    assert read_traces(tmp_path / "t.jsonl").spans.equals(read_traces(tmp_path / "plain.jsonl").spans)


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress, zstandard.compress])
def test_a_compressed_file_gives_its_lines_without_a_call_for_each_byte(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(compress(b"one\ntwo\n"))
    with find_sources(path)[0].open() as stream:
        assert isinstance(stream, BufferedReader)
        assert list(stream) == [b"one\n", b"two\n"]


def test_files_of_several_dialects_become_one_frame(tmp_path: Path) -> None:
    paths = []
    for name, trace_format in known_formats().items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(trace_format.sample)
    traces = read_traces(paths)
    assert traces.trace_format == " + ".join(known_formats())
    assert traces.spans.height >= len(paths)


def test_a_line_that_is_no_document_is_rejected_with_its_number_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    sample = known_formats()["otlp-json"].sample
    path.write_bytes(sample + b"\n\n{broken\n" + b'{"resourceMetrics":[]}\n' + sample)
    traces = read_traces(path)
    assert traces.spans.height == 2
    assert traces.rejected["line_number"].to_list() == [3, 4]
    assert traces.rejected["raw"].to_list() == ["{broken", '{"resourceMetrics":[]}']
    assert "no resourceSpans" in traces.rejected["reason"][1]
    assert repr(traces) == "Traces(otlp-json: 2 spans in 1 traces, 2 rejected)"


def test_a_first_line_that_is_cut_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    sample = known_formats()["otlp-json"].sample
    path.write_bytes(sample[40:] + b"\n" + sample + b"\n")
    traces = read_traces(path)
    assert (traces.spans.height, traces.rejected["line_number"].to_list()) == (1, [1])


def test_one_pretty_printed_document_reads_like_one_line(tmp_path: Path) -> None:
    sample = known_formats()["otlp-json"].sample
    (tmp_path / "line").write_bytes(sample)
    (tmp_path / "pretty").write_text(json.dumps(json.loads(sample), indent=2))
    assert read_traces(tmp_path / "pretty").spans.equals(read_traces(tmp_path / "line").spans)


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b"", SourceError, "is empty"),
        (b"127.0.0.1 - - GET /\n", UnknownFormatError, "begins like no known trace format but holds lines"),
        (b"\x00\x01\x02\x03", UnknownFormatError, "begins like no known trace format"),
    ],
    ids=["empty", "an access log", "binary"],
)
def test_a_file_that_holds_no_traces_is_named(content, error, sentence, tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(content)
    with pytest.raises(error, match=sentence) as raised:
        read_traces(path)
    assert str(path) in str(raised.value)


def test_beside_other_files_an_empty_one_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    (tmp_path / "b.jsonl").write_bytes(known_formats()["otlp-json"].sample)
    assert read_traces(tmp_path).spans.equals(read_traces(tmp_path / "b.jsonl").spans)


def test_what_lies_in_the_folder_of_traces_and_is_none_is_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(known_formats()["otlp-json"].sample)
    (tmp_path / "b.log").write_text("hello\n")
    (tmp_path / "c").symlink_to("nowhere")
    traces = read_traces(tmp_path)
    assert len(traces.spans)
    assert traces.trace_format == "otlp-json"
    (note,) = traces.notes
    assert "c is a link that leads nowhere" in note
    assert "1 file could not be read as traces and was left out" in note
    with pytest.raises(UnknownFormatError):
        read_traces([tmp_path / "a.jsonl", tmp_path / "b.log"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="missing"):
        read_traces(tmp_path / "missing.jsonl")


def test_an_unknown_dialect_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="otlp-json"):
        read_traces(tmp_path, trace_format="otpl")


def test_a_compressed_file_that_is_cut_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    sample = known_formats()["otlp-json"].sample
    lines = b"".join(
        sample.replace(b"5b8efff798038103", b"%016x" % number) + b"\n" for number in range(20_000)
    )
    path = tmp_path / "t.jsonl.gz"
    path.write_bytes(gzip.compress(lines)[:-2000])
    traces = read_traces(path)
    assert 0 < traces.spans.height < 20_000
    assert "damaged after" in traces.rejected["reason"].str.join(" ").item()


def test_bytes_that_are_no_utf8_are_replaced_visibly(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(known_formats()["otlp-json"].sample.replace(b"GET /", b"GET /\xff"))
    assert read_traces(path).spans["name"].to_list() == ["GET /\ufffd"]


@pytest.mark.parametrize("batch_bytes", [1, 1000, 10**9])
def test_batches_hold_every_document_once_and_in_order(batch_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"".join(b'{"n":%d}\n' % number for number in range(500)) + b"{broken\n")
    dialect = JsonDialect(
        batch_bytes=batch_bytes,
        decode=lambda document: [json.loads(document)],
        decode_readable=lambda document, span_decoder: [json.loads(document)],
        decode_span=json.loads,
        columns=lambda records: pl.DataFrame(records, schema={"n": pl.Int64}),
        spans=lambda columns: columns,
    )
    batches = dialect.batches(find_sources(path))
    held = list(batches)
    assert pl.concat(batch.spans for batch in held)["n"].to_list() == list(range(500))
    assert pl.concat(batch.rejected for batch in held)["line_number"].to_list() == [501]
