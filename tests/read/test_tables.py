"""Tables that consoles and query engines export are read as if each row were a line."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.errors import UnknownFormatError
from incident_kit.read.access_log import read_access_log
from incident_kit.read.parsing.registry import all_formats
from incident_kit.read.sources.blocks import can_be_read_again, read_blocks
from incident_kit.read.sources.packings import packing_of
from incident_kit.read.sources.paths import Source
from incident_kit.read.sources.separated_values import is_separated, separated_lines

TIME = "2026-10-10T13:55:36.250Z"
LINE = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 502 612 "-" "curl/8.5, or like it"'
WHEN = datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)
FIELDS = {"method": "GET", "status": 502, "path": "/x", "timestamp": WHEN}
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20)
ODD_LINE = st.text(st.sampled_from('ab,"\\ '), min_size=1).map(str.strip).filter(bool)


def table(*rows: list[str], separator: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, quoting=quoting, lineterminator="\n").writerows(rows)
    return written.getvalue()


@pytest.fixture
def read(tmp_path):
    def read(text: str, **options):
        path = tmp_path / "export.csv"
        path.write_text(text, encoding="utf-8")
        return read_access_log(path, **options)

    return read


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (["_time", "host", "source", "_raw"], [TIME, "web-1", "/var/log/nginx/access.log", LINE]),  # Splunk
        (["Date", "Host", "Service", "Message"], [TIME, "web-1", "shop", LINE]),  # Datadog
        (["@timestamp", "@message"], ["2026-10-10 13:55:36.250", LINE]),  # CloudWatch Insights
        (["timestamp", "message"], ["1791640536250", LINE]),  # CloudWatch
        (["Date", "Line"], ["2026-10-10 13:55:36.250", LINE]),  # Grafana
        (["insertId", "textPayload", "timestamp"], ["1f", LINE, TIME]),  # Google Cloud
        (["@timestamp", "event.original"], ["Oct 10, 2026 @ 13:55:36.250", LINE]),  # Kibana
        (["timestamp", "source", "message"], [TIME, "web-1", LINE]),  # Graylog, New Relic
        (["Timestamp", "ServiceName", "Body"], ["2026-10-10 13:55:36.250", "shop", LINE]),  # otel_logs
    ],
    ids=lambda cells: " ".join(cells[:3]),
)
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_line_in_a_cell_is_read_as_in_its_log(read, header, row, quoting):
    log = read(table(header, row, row, quoting=quoting))
    assert len(log.requests) == 2
    assert log.rejected.is_empty()
    first = log.requests.row(0, named=True)
    assert {name: first[name] for name in FIELDS} == FIELDS
    assert first["user_agent"] == "curl/8.5, or like it"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("timestamp,method,path,status,duration_ms", "2026-10-10T13:55:36Z,GET,/x,502,250"),
        ("Time,Method,URL,Status,Duration (ms)", "2026-10-10T13:55:36Z,GET,/x,502,250"),
        ("Timestamp;HTTP Method;Path;Status Code;Response Time (ms)", "2026-10-10 13:55:36;GET;/x;502;250"),
        ("timestamp\thttp.method\turl.path\thttp.status_code\tduration_ms", "1791640536\tGET\t/x\t502\t250"),
        (",timestamp,method,path,status,duration_ms", "0,2026-10-10 13:55:36+00:00,GET,/x,502,250"),
        (
            "httpRequest.latency,httpRequest.requestMethod,httpRequest.requestUrl,httpRequest.status,timestamp",
            "0.250s,GET,https://shop.example.com/x,502,2026-10-10 13:55:36 UTC",
        ),
        (
            "httpRequest,timestamp",
            '"{""requestMethod"":""GET"",""requestUrl"":""/x"",""status"":502,""latency"":""0.250s""}",'
            "2026-10-10T13:55:36Z",
        ),
    ],
)
def test_cells_with_usual_names_become_a_request(read, header, row):
    log = read(f"\ufeff{header}\r\n{row}\r\n{row}\r\n")
    assert len(log.requests) == 2
    assert log.requests["line_number"].to_list() == [1, 2]
    first = log.requests.row(0, named=True)
    assert {name: first[name] for name in FIELDS} == FIELDS
    assert first["duration_ms"] == 250.0


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Oct 10, 2026 @ 13:55:36.250", "2026-10-10 13:55:36.250"),  # Kibana
        ("Oct 1, 2026 @ 03:55:36", "2026-10-01 03:55:36"),
        ("2026-10-10 13:55:36.250125 UTC", "2026-10-10 13:55:36.250125"),  # BigQuery, Athena
        ("2026-10-10T13:55:36.250+0200", "2026-10-10 11:55:36.250"),  # Splunk
        ("Feb 30, 2026 @ 13:55:36.250", None),
        ("10/9/2026, 1:55:36 PM", None),  # the day or the month may be first
    ],
)
def test_times_as_consoles_show_them_are_read_and_none_is_guessed(read, written, read_as):
    log = read(table(["time", "method", "path", "status"], [written, "GET", "/x", "200"]))
    expected = [] if read_as is None else [datetime.fromisoformat(f"{read_as}+00:00")]
    assert log.requests["timestamp"].to_list() == expected
    assert len(log.requests) + len(log.rejected) == 1


def test_columns_that_only_their_case_tells_apart_stay_two(read):
    log = read("Status,status,time,method,path\nOK,502,2026-10-10T13:55:36Z,GET,/x\n")
    assert log.requests["status"].to_list() == [502]
    assert json.loads(log.requests["extra"][0]) == {"Status": "OK"}


def test_a_table_may_have_hundreds_of_columns(read):
    more = ",".join(f"jsonPayload.field_{number}" for number in range(300))
    log = read(f"time,method,path,status,{more}\n2026-10-10T13:55:36Z,GET,/x,502{',' * 300}\n")
    assert log.requests["status"].to_list() == [502]


def test_names_of_ones_own_are_mapped(read):
    text = "zeit,pfad,code,sekunden\n2026-10-10T13:55:36Z,/x,502,0.25\n"
    with pytest.raises(UnknownFormatError, match="the keys zeit, pfad, code and sekunden: say which"):
        read(text)
    log = read(text, log_format="json:timestamp=zeit,target=pfad,status=code,duration_ms=sekunden * 1000")
    assert log.requests.select("path", "status", "duration_ms").row(0) == ("/x", 502, 250.0)


def test_a_row_may_have_several_lines_and_a_line_that_is_no_row_is_kept_as_rejected(read):
    row = f'2026-10-10T13:55:36Z,"GET /a\n  at b","{LINE.replace(chr(34), 2 * chr(34))}"\n'
    stray = '2026-10-10T13:55:36Z,"open,x\nand\ton,7\n5,"\n'
    log = read(f"time,trace,message\n{row}1,2\n{row}{stray}{row}time,trace,message\n{row}")
    assert len(log.requests) == 4
    assert log.rejected["raw"].to_list() == [
        "1,2",
        '2026-10-10T13:55:36Z,"open,x',
        "and\ton,7",
        '5,"',
        "message",
    ]


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1))
def test_rows_written_as_a_table_are_read_back(rows):
    text = table(["a", "b", "c"], *map(list, rows))
    lines = b"".join(separated_lines([text.encode()])).splitlines()
    kept = [{name: cell for name, cell in zip("abc", row, strict=True) if cell} for row in rows]
    assert [json.loads(line) for line in lines] == kept


@given(
    st.lists(st.text(st.sampled_from('ab,"\\ '), min_size=1).map(str.strip).filter(bool)), st.integers(1, 9)
)
def test_no_character_is_lost_however_the_quotes_stand(lines, size):
    data = "\n".join(["a,b", *lines, ""]).encode()
    parts = [data[begin : begin + size] for begin in range(0, len(data), size)]
    found = b"".join(separated_lines(parts)).decode().splitlines()
    texts = [" ".join(json.loads(line).values()) if line.startswith("{") else line for line in found]
    assert list(filter(str.isalpha, "".join(texts))) == list(filter(str.isalpha, "".join(lines)))


@pytest.mark.parametrize("text", [sample.line for row in all_formats() for sample in row.samples])
def test_no_log_is_taken_for_a_table(text):
    assert packing_of(f"{text}\n{text}\n".encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a,b\n",
        "a,b\nc,d\n",
        "a,a\n1,2\n",
        "a,b\n1\n",
        "1,b\n1,2\n",
        "time:x\tstatus:200\n1\t2\n",
        "#Fields: date,time\n1,2\n",
        "Error, retrying\nGET /, 200, 3\n",
    ],
)
def test_a_header_has_names_and_a_row_below_it_with_as_many_values(text):
    assert not is_separated(text.encode())


def test_a_table_may_be_compressed_longer_than_a_block_and_cut_off(tmp_path):
    rows = [f"2026-10-10T13:55:{second}Z,GET,/{second},200" for second in range(10, 60)]
    packed = gzip.compress("\n".join(["time,method,path,status", *rows, ""]).encode())
    path = tmp_path / "export.csv.gz"
    path.write_bytes(packed)
    lines = [line for block in read_blocks(Source(str(path)), size=500) for line in block.lines()["line"]]
    assert [json.loads(line)["path"] for line in lines] == [f"/{second}" for second in range(10, 60)]
    path.write_bytes(packed[:-30])
    log = read_access_log(path)
    assert len(log.requests) + len(log.rejected) >= 20
    assert log.requests["status"].unique().to_list() == [200]
    assert any("is damaged" in note for note in log.notes)


def test_a_part_of_a_table_is_not_read_without_its_header(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("time,method,path,status\n2026-10-10T13:55:36Z,GET,/x,200\n", encoding="utf-8")
    assert not can_be_read_again(Source(str(path)))


def test_a_table_in_parquet_is_read_with_its_types(tmp_path):
    path = tmp_path / "export.parquet"
    pl.DataFrame(
        {
            "time": [WHEN] * 3,
            "request": [{"method": "GET", "url": "/x?y=1"}] * 3,
            "status": [200, 404, None],
            "duration_ms": [250.5, None, 7],
        }
    ).write_parquet(path)
    log = read_access_log(path)
    assert log.requests["duration_ms"].to_list() == [250.5, None]
    assert log.requests["query"].to_list() == ["y=1", "y=1"]
    assert len(log.rejected) == 1


def test_the_usage_log_of_google_cloud_storage_is_a_table_with_all_its_values_in_quotes(read):
    header = [
        "time_micros",
        "c_ip",
        "cs_method",
        "cs_uri",
        "sc_status",
        "sc_bytes",
        "time_taken_micros",
        "cs_host",
    ]
    row = [
        "1791640536250000",
        "203.0.113.7",
        "GET",
        "/b/x?y=1",
        "502",
        "612",
        "250000",
        "storage.googleapis.com",
    ]
    found = read(table(header, row, quoting=csv.QUOTE_ALL)).requests
    columns = ("start_time", "path", "status", "duration_ms", "client_ip")
    assert found.select(columns).rows() == [(WHEN, "/b/x", 502, 250.0, "203.0.113.7")]
