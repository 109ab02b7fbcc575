"""JSON documents that hold many records are read as if each record were a line."""

from __future__ import annotations

import gzip
import json

import pytest

from incident_kit.errors import SourceError, UnknownFormatError
from incident_kit.read.access_log import read_access_log
from incident_kit.read.sources.blocks import can_be_read_again, read_blocks
from incident_kit.read.sources.paths import Source

RECORDS = [
    {
        "time": f"2026-10-10T13:55:{second}Z",
        "properties": {
            "httpMethod": "GET",
            "requestUri": f"/{second}",
            "httpStatus": 200,
            "serverRouted": "10.0.0.1:80",
            "timeTaken": 0.25,
            "transactionId": 'a "quoted" id\n',
        },
    }
    for second in range(10, 40)
]
ONE, TWO = {"records": RECORDS[:20]}, {"records": RECORDS[20:]}


def pretty(document: object) -> str:
    return json.dumps(document, indent=2)


@pytest.fixture
def read(tmp_path):
    def read(text: str):
        path = tmp_path / "PT1H.json"
        path.write_text(text, encoding="utf-8")
        return read_access_log(path)

    return read


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"records": RECORDS}),
        pretty({"records": RECORDS}),
        "\ufeff" + pretty({"records": RECORDS}).replace("\n", "\r\n"),
        json.dumps(ONE) + "\n" + json.dumps(TWO) + "\n",
        pretty(ONE) + "\n\n" + pretty(TWO),
        json.dumps(ONE) + json.dumps(TWO),
        pretty(RECORDS),
        pretty({"events": RECORDS, "searchedLogStreams": []}),
        pretty({"took": 5, "timed_out": False, "hits": {"total": {"value": 30}, "hits": RECORDS}}),
        json.dumps(ONE) + "\n" + "\n".join(map(json.dumps, RECORDS[20:])),
        "\n".join(map(json.dumps, RECORDS)),
    ],
)
def test_each_record_is_a_request_however_the_documents_are_written(read, text):
    log = read(text)
    assert log.requests["path"].to_list() == [f"/{second}" for second in range(10, 40)]
    assert log.requests["line_number"].to_list() == list(range(1, 31))
    assert log.requests["duration_ms"].unique().to_list() == [250.0]
    assert log.rejected.is_empty()


def test_what_is_no_record_is_rejected(read):
    log = read(json.dumps(ONE) + '\n{"records": 7}\nnothing\n' + json.dumps({"records": [7, *RECORDS[20:]]}))
    assert len(log.requests) == 30
    assert log.rejected["raw"].to_list() == ['{"records": 7}', "nothing", "7"]


def test_a_document_that_ends_early_is_no_crash(read):
    with pytest.raises(UnknownFormatError):
        read(pretty(ONE)[:-40])


def test_a_document_may_be_compressed_and_longer_than_a_block(tmp_path):
    path = tmp_path / "PT1H.json.gz"
    path.write_bytes(gzip.compress(pretty(ONE).encode()))
    blocks = list(read_blocks(Source(str(path)), size=1000))
    lines = [json.loads(line) for block in blocks for line in block.lines()["line"]]
    assert lines == RECORDS[:20]
    assert [block.first_line for block in blocks] == sorted({block.first_line for block in blocks})


def test_a_part_of_a_document_is_not_read_without_the_rest(tmp_path):
    path = tmp_path / "PT1H.json"
    path.write_text(pretty(ONE), encoding="utf-8")
    assert not can_be_read_again(Source(str(path)))


def test_a_document_without_records_is_an_empty_source(read):
    with pytest.raises(SourceError, match="no records"):
        read('{"records": []}')
