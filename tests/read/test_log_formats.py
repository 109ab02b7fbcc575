"""The registry: every format proves itself by its sample lines, and writes what it reads."""

from __future__ import annotations

import json
import re
import string
from datetime import UTC, date, datetime, timedelta
from functools import partial

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.errors import FormatStringError, UnknownFormatError
from incident_kit.read import batches
from incident_kit.read.access_log import explain_access_log, formats, read_access_log
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import all_formats, families, find_formats
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.blocks import read_blocks
from tests.laws import examples

ROWS = [
    pytest.param(row, sample, id=f"{row.name}-{n}")
    for row in all_formats()
    for n, sample in enumerate(row.samples)
]
COMBINED = '{client} - {user} [10/Oct/2026:13:55:36 +0000] "{request}" {status} {size} "{referer}" "{agent}"'


@pytest.fixture
def read(tmp_path):
    def read(text, **options):
        path = tmp_path / "some.log"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_access_log(path, **options)

    return read


@pytest.mark.parametrize(("row", "sample"), ROWS)
def test_a_sample_reads_as_its_format_says(read, row, sample):
    log = read(sample.line + "\n", log_format=row.name)
    assert len(log.requests) == 1, log.rejected
    found = log.requests.row(0, named=True)
    assert {name: found[name] for name in sample.expect} == dict(sample.expect)


@pytest.mark.parametrize(("row", "sample"), ROWS)
def test_a_sample_is_recognised_with_nothing_given(read, row, sample):
    log = read(sample.line + "\n")
    found = log.requests.row(0, named=True)
    assert {name: found[name] for name in sample.expect} == dict(sample.expect)


def test_names_are_unique_and_every_format_has_a_sample_and_a_description():
    names = [row.name for row in all_formats()]
    assert len(set(names)) == len(names)
    assert all(row.samples and row.description for row in all_formats())


def test_formats_lists_an_example_of_each():
    listed = formats()
    assert [row.name for row in listed] == [row.name for row in all_formats()]
    assert all(row.example and row.description for row in listed)


@pytest.mark.parametrize("family", list(families()))
def test_a_family_is_a_format_name_too(family):
    assert {row.name for row in families()[family]} <= {
        row.name for row in find_formats(family.replace("_", "-"))
    }


@pytest.mark.parametrize(
    "name",
    [
        "nginx:no variables", "nginx:$a$b", "apache:no directives", "json:x y z",
        "json:duration_ms=took / 0", "json:duration_ms=took * 0",
    ],
)  # fmt: skip
def test_a_format_string_that_cannot_be_compiled_is_refused(read, name):
    with pytest.raises(FormatStringError):
        read("x\n", log_format=name)


def test_json_lines_of_ones_own_are_mapped(read):
    line = json.dumps(
        {"at": "2026-10-10T13:55:36Z", "took": 0.25, "resp": {"code": 502}, "uri": "/x", "pod": "a"}
    )
    mapping = {"timestamp": "at", "duration_ms": "took * 1000", "status": "resp.code"}
    row = read(line + "\n", log_format=mapping).requests.row(0, named=True)
    assert (row["duration_ms"], row["status"], row["path"], row["extra"]) == (250.0, 502, "/x", '{"pod":"a"}')
    for factor in ("* 1000", "*1e3", "/ 0.001", "/1e-3"):
        text = f"json:timestamp=at,duration_ms=took {factor},status=resp.code"
        assert read(line + "\n", log_format=text).requests["duration_ms"].to_list() == [250.0]


@pytest.mark.parametrize("term", ["took", "took * 1000"])
def test_a_mapped_duration_counts_in_its_own_unit_if_it_has_one(read, term):
    lines = [f'{{"at":"2026-10-10T13:55:36Z","uri":"/x","took":"{t}"}}' for t in ("250ms", "0.25s", "?")]
    log = read("\n".join(lines) + "\n", log_format={"timestamp": "at", "duration_ms": term})
    assert log.requests["duration_ms"].to_list() == [250.0, 250.0, None]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"stauts": "code"}, "stauts=code: the requests have no column 'stauts'; write status, such as"),
        ({"foo": "bar"}, "foo=bar: the requests have no column 'foo'; write one that they have, such as"),
        (
            {"duration_ms": "end - start"},
            "duration_ms=end - start: 'end - start' is no key; write a key of",
        ),
    ],
    ids=["a misspelt column", "no column", "no key"],
)
def test_what_is_wrong_with_a_mapping_is_said(read, mapping, said):
    with pytest.raises(FormatStringError, match=re.escape(said)):
        read("{}\n", log_format=mapping)


# Of all other formats the time is the end of the request, as their documentation says.
FAMILIES_OF_THE_START = {
    "apache", "aws_api_gateway", "aws_s3", "cloudflare", "envoy", "envoy_json", "fastly", "google_cloud",
    "haproxy", "haproxy_clf", "php_fpm", "traefik", "uwsgi", "webrick",
}  # fmt: skip
FORMATS_OF_THE_START = {"aiohttp", "aws_athena_s3", "azure_tables_insights", "granian"}


def test_it_is_known_of_which_formats_the_time_is_the_start():
    start = {row.name for rows in families().values() for row in rows if row.timestamp_is == "start"}
    expected = {row.name for family in FAMILIES_OF_THE_START for row in families()[family]}
    assert start == expected | FORMATS_OF_THE_START


@pytest.mark.parametrize(
    "line", ['{"at":"2026-10-10T13:55:36Z","code":502}', "at=2026-10-10T13:55:36Z code=502"]
)
def test_a_mapped_name_that_no_line_has_is_said(read, line):
    assert read(line + "\n", log_format={"timestamp": "at", "status": "code"}).notes == ()
    (note,) = read(line + "\n", log_format={"timestamp": "at", "status": "kode"}).notes
    assert note.startswith("No value of kode (status) is in the first 1 line of ")


INNER = COMBINED.format(
    client="203.0.113.7",
    user="-",
    request="GET /x HTTP/1.1",
    status=200,
    size=612,
    referer="-",
    agent="curl/8.5",
)


@pytest.mark.parametrize(
    "wrapped",
    [
        json.dumps({"log": INNER + "\n", "stream": "stdout", "time": "2026-10-10T13:55:36.1Z"}),
        json.dumps({"MESSAGE": INNER, "_PID": "7", "PRIORITY": "6"}),
        f"2026-10-10T13:55:36.123456789Z stdout F {INNER}",
        f"Oct 10 13:55:36 web-1 nginx[7]: {INNER}",
        f"<190>Oct 10 13:55:36 web-1 nginx: {INNER}",
        f"2026-10-10T13:55:36+02:00 web-1 nginx: {INNER}",
        f"<190>1 2026-10-10T13:55:36Z web-1 nginx 7 - - {INNER}",
        f"<190>1 2026-10-10T13:55:36Z web-1 nginx 7 - - \ufeff{INNER}",
        f'<190>1 2026-10-10T13:55:36Z web-1 nginx 7 - [a@1 b="c"] \ufeff{INNER}',
        f"web-1 nginx[7]: {INNER}",
        f"Oct 10 13:55:36 nginx: {INNER}",
        f"<190>Oct 10 13:55:36 nginx[7]: {INNER}",
        f"2026-10-10T13:55:36.123456+02:00 nginx[7]: {INNER}",
        f"nginx[7]: {INNER}",
        json.dumps({"message": INNER, "stream": "stdout", "log": {"offset": 7}}),
        json.dumps({"message": f"web-1 nginx: {INNER}", "level": "INFO"}),
        json.dumps({"textPayload": INNER, "insertId": "7bde", "timestamp": "2026-10-10T13:55:36.1Z"}),
        json.dumps({"labels": {"pod": "web-7"}, "line": INNER, "timestamp": "2026-10-10T13:55:36.1Z"}),
        f"[pod/web-7d9/nginx] {INNER}",
        f"web-1  | {INNER}",
        f"web-1 | {INNER}",
        f"2026-10-10T13:55:36.123456789Z {INNER}",
        f'"{INNER}"',
        f"Oct 10 13:55:36 web-1 docker: 2026-10-10T13:55:36.1Z stdout F {INNER}",
    ],
)
def test_what_runtimes_wrap_around_lines_is_taken_off(read, wrapped):
    log = read(f"{wrapped}\n{wrapped}\n")
    assert log.requests["line_number"].to_list() == [1, 2]
    assert log.requests.select("client_ip", "user_agent").rows() == [("203.0.113.7", "curl/8.5")] * 2


def test_a_tag_is_told_from_an_address_with_its_port(read):
    line = find_formats("haproxy_http")[0].samples[0].line
    log = read(f"<134>Oct 10 13:55:36 haproxy[7]: {line}\n", log_format="haproxy")
    assert log.requests.select("client_ip", "client_port").rows() == [("203.0.113.7", 40124)]


def test_a_line_in_pieces_is_put_together_and_the_pieces_are_kept(read):
    stamp = "2026-10-10T13:55:36.1Z stdout"
    whole = f"{stamp} F {INNER}"
    log = read(
        f"{whole}\n{stamp} P {INNER[:30]}\n{stamp} P {INNER[30:60]}\n{stamp} F {INNER[60:]}\n{whole}\n"
    )
    assert log.requests["line_number"].to_list() == [1, 4, 5]
    assert log.requests["user_agent"].to_list() == ["curl/8.5"] * 3
    assert log.rejected["line_number"].to_list() == [2, 3]


def test_w3c_fields_may_change_half_way_and_headers_may_repeat(read):
    log = read(
        "#Version: 1.0\r\n#Fields: date time cs-method cs-uri-stem sc-status time-taken\r\n"
        "2026-10-10 13:55:36 GET /a 200 250\r\n"
        "#Fields: date time sc-status cs-uri-stem cs-method\r\n"
        "2026-10-10 13:55:37 404 /b POST\r\n"
    )
    assert log.requests.select("path", "status", "duration_ms").rows() == [
        ("/a", 200, 250.0),
        ("/b", 404, None),
    ]
    assert len(log.rejected) == 3
    assert all("header" in reason for reason in log.rejected["reason"])


@pytest.mark.parametrize("separator", [" ", "\t"])
@pytest.mark.parametrize(
    ("taken", "duration_ms"),
    [("0.250", 250.0), ("12.", 12000.0), ("250", 250.0), ("0", 0.0), ("-", None), ("1.2.3", None)],
)
def test_a_decimal_point_says_that_w3c_time_taken_is_in_seconds(read, separator, taken, duration_ms):
    fields = separator.join(["date", "time", "cs-method", "cs-uri-stem", "sc-status", "time-taken", "bytes"])
    line = separator.join(["2026-10-10", "13:55:36", "GET", "/a", "200", taken, "612"])
    log = read(f"#Fields: {fields}\n#Software: Apache Tomcat/10.1\n{line}\n")
    assert log.requests.select("duration_ms", "bytes_sent").rows() == [(duration_ms, 612)]


W3C_TIMES = "#Fields: time cs-method cs-uri-stem sc-status"


def test_w3c_times_without_a_date_are_of_the_date_above_them(read):
    log = read(
        f"#Date: 2026-10-10 13:00:00\n{W3C_TIMES}\n13:55:36 GET /a 200\n"
        "#Date: 11-Oct-2026 00:00:01\n13:55:36 GET /b 200\n"
        f"{W3C_TIMES.replace('time', 'date time')}\n2026-10-12 13:55:36 GET /c 200\n"
    )
    assert [stamp.day for stamp in log.requests["timestamp"]] == [10, 11, 12]


def test_the_date_above_holds_in_the_blocks_that_follow(read, monkeypatch):
    monkeypatch.setattr(batches, "read_blocks", partial(read_blocks, size=200))
    times = "".join(f"13:{minute:02}:36 GET /a 200\n" for minute in range(60))
    log = read(f"#Date: 2026-10-10 13:00:00\n{W3C_TIMES}\n{times}")
    assert {stamp.date() for stamp in log.requests["timestamp"]} == {date(2026, 10, 10)}
    assert len(log.requests) == 60


def test_w3c_times_of_no_known_date_are_rejected(read):
    dated = f"{W3C_TIMES.replace('time', 'date time')}\n2026-10-12 13:55:36 GET /c 200"
    log = read(f"{W3C_TIMES}\n13:55:36 GET /a 200\n{dated}\n")
    assert log.requests["path"].to_list() == ["/c"]
    assert log.rejected.row(1, named=True)["reason"] == "Its time cannot be read as iis_w3c."


QUOTED = [
    ('"Mozilla/5.0 (X11)"', "Mozilla/5.0 (X11)"),
    ('"Mozilla/5.0 (+http://a.b) ""x"""', 'Mozilla/5.0 (+http://a.b) "x"'),
    ('"curl"', "curl"),
    ('"-"', None),
    ("Mozilla/5.0+(X11)", "Mozilla/5.0 (X11)"),
    ('"curl', '"curl'),
]


@pytest.mark.parametrize(("written", "agent"), QUOTED)
@pytest.mark.parametrize("separator", [" ", "\t"])
def test_w3c_fields_in_quotes_lose_them(read, separator, written, agent):
    fields = separator.join(["date", "time", "cs-uri-stem", "cs-uri-query", "cs(User-Agent)", "sc-status"])
    line = separator.join(["2026-10-10", "13:55:36", "/a", '"q"', written, "200"])
    row = read(f"#Fields: {fields}\n{line}\n").requests.row(0, named=True)
    assert (row["user_agent"], row["query"], row["status"]) == (agent, '"q"', 200)


def test_a_header_of_cloudfront_changes_the_unit_of_the_durations(read):
    log = read(
        "#Fields: date time cs-method cs-uri-stem sc-status time-taken\n"
        "2026-10-10\t13:55:36\tGET\t/a\t200\t250\n"
        "#Fields: date time cs-method cs-uri-stem sc-status time-taken x-edge-location x-edge-request-id\n"
        "2026-10-10\t13:55:37\tGET\t/b\t200\t0.250\tCDG50-P2\t375WZmnR4hhh\n"
    )
    assert log.requests.select("path", "duration_ms").rows() == [("/a", 250.0), ("/b", 250.0)]


def test_formats_may_be_mixed_and_change_half_way(read):
    common = INNER.removesuffix(' "-" "curl/8.5"')
    caddy = next(row for row in all_formats() if row.name == "caddy_json").samples[0].line
    log = read("\n".join([INNER, caddy, common, INNER, caddy]))
    assert log.requests["line_number"].to_list() == [1, 2, 3, 4, 5]
    assert log.requests["duration_ms"].to_list() == [None, 250.0, None, None, 250.0]


def test_an_unknown_version_of_http_is_none(read):
    log = read(
        "#Fields: date time c-ip cs-version cs-method cs-uri sc-status s-reason\n"
        "2026-10-10 13:55:36 203.0.113.7 HTTP/1.1 GET /x 503 ConnLimit\n"
        "2026-10-10 13:55:37 203.0.113.7 - - - - Timer_MinBytesPerSecond\n"
    )
    assert log.requests["http_version"].to_list() == ["1.1", None]


def test_a_header_names_the_fields_of_what_comes_below_it_among_lines_of_another_format(read):
    log = read(
        f"{INNER}\n" * 20
        + "#Fields: date time cs-method cs-uri-stem sc-status time-taken\n"
        + "2026-10-10 13:55:36 GET /a 502 250\n"
        + f"{INNER}\n" * 20
        + "#Fields: date time sc-status cs-uri-stem cs-method\n"
        + "2026-10-10 13:55:37 404 /b POST\n"
    )
    assert len(log.requests) == 42
    assert log.requests.filter(pl.col("line_number").is_in([22, 44])).select("path", "status").rows() == [
        ("/a", 502),
        ("/b", 404),
    ]


@pytest.mark.parametrize("later", ["0.250 HIT", "rt=0.250 cache=HIT"])
def test_a_tail_may_begin_to_tell_durations_half_way(read, later):
    """Lines of the first format have as many quotes, and could be taken for more of it."""
    lines = [INNER + " HIT 7"] * 300 + [f"{INNER} {later}"] * 300
    log = read("\n".join(lines))
    assert log.requests["duration_ms"].to_list() == [None] * 300 + [250.0] * 300


@pytest.mark.parametrize(
    ("name", "written", "other"),
    [
        ("apache_vhost_combined", "203.0.113.7", "203.0.\u2028113.7"),
        ("ingress_nginx", "10.1.0.9:8080", "10.1\u00a0.0.9:8080"),
        ("ingress_nginx", "0.200 200", "0.200 2\u008500"),
        ("ingress_nginx_tail", "0.200 200", "0.200 502 : 200"),
        (
            "ingress_nginx_tail",
            "10.1.0.9:8080 612 0.200 200",
            "10.1.0.9:80 : 10.1.0.8:80 0 : 6 - : 0.2 503 : 404",
        ),
        ("haproxy_http_cut", "/long", "/lo\u0085ng"),
        ("nginx_proxy_manager", "10.0.0.16", "10.0.0.16, 10.0.0.17"),
        ("nginx_proxy_manager", "10.0.0.16", "10.0.0.16 [Sent-to 10.0.0.17"),
    ],
)
def test_what_the_fast_path_could_misread_is_read_exactly(name, written, other):
    row = next(row for row in all_formats() if row.name == name)
    assert written in row.samples[0].line
    block = Block("some.log", 1, (row.samples[0].line.replace(written, other) + "\n").encode())
    reader = Reader([row])
    assert reader.read(block).requests.equals(reader.exactly(block.lines()).requests)


def test_blanks_of_unicode_within_an_address_cut_nothing_off(read):
    odd = INNER.replace("203.0.113.7", "203.0.\u2028113.7")
    assert read(odd, log_format="apache_combined").requests["client_ip"].to_list() == ["203.0.\u2028113.7"]


def test_lines_that_tell_of_something_else_are_rejected_with_that_reason(read):
    sample = find_formats("haproxy_http")[0].samples[0].line
    others = [
        "Connect from 10.0.0.1:5 to 10.0.0.2:443 (https-in/HTTP)",
        "Server shop/web-1 is DOWN, reason: x",
    ]
    log = read("\n".join([sample, *others]))
    assert [reason.partition(" ")[0] for reason in log.rejected["reason"]] == ["HAProxy", "HAProxy"]


def test_a_zone_is_taken_for_times_without_one(read):
    line = find_formats("haproxy_http")[0].samples[0].line
    winter = line.replace("10/Oct/2026", "10/Jan/2026")
    log = read(f"{line}\n{winter}\n", tz="Europe/Berlin")
    assert [stamp.hour for stamp in log.requests["timestamp"]] == [11, 12]


def test_a_zone_is_taken_for_those_times_of_json_that_have_none(read):
    times = [
        "2026-07-09T09:42:09",
        "2026-07-09 09:42:09.0",
        "2026-07-09T09:42:09Z",
        "1783582929",
        "2026-03-29T02:30:00",
    ]
    lines = [f'{{"timestamp": "{time}", "method": "GET", "path": "/x", "status": 200}}' for time in times]
    stamps = read("\n".join(lines), tz="Europe/Berlin").requests["timestamp"].to_list()
    assert [(stamp.hour, stamp.minute) for stamp in stamps] == [(7, 42), (7, 42), (9, 42), (7, 42), (1, 30)]


def test_the_hour_that_occurs_twice_moves_no_request(read):
    line = find_formats("haproxy_http")[0].samples[0].line
    hours = ["01:59:59", "02:10:00", "02:59:00", "02:01:00", "02:59:30", "03:00:10"]
    text = "\n".join(line.replace("10/Oct/2026:13:55:36", f"25/Oct/2026:{hour}") for hour in hours)
    stamps = read(text, tz="Europe/Berlin").requests["timestamp"].to_list()
    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] == timedelta(hours=2, seconds=11)


def test_offsets_may_change_in_mid_file(read):
    log = read(f"{INNER.replace('+0000', '+0300')}\n{INNER.replace('+0000', '-0500')}\n")
    assert [stamp.hour for stamp in log.requests["timestamp"]] == [10, 18]


def test_an_explanation_says_how_many_lines_fit(tmp_path):
    path = tmp_path / "some.log"
    path.write_text("\n".join([INNER] * 5 + ["damaged"] * 4))
    (told,) = explain_access_log(path)
    assert (told.log_format, told.recognised, told.sampled) == ("nginx_combined", 5, 9)
    assert (len(told.parsed), len(told.rejected)) == (3, 3)


def test_an_unknown_format_is_not_guessed_from_a_mapping(read):
    with pytest.raises(UnknownFormatError):
        read(INNER + "\n", log_format={"duration_ms": "took"})


# What people, scanners and TLS handshakes put into a request, a header or a path.
HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from('"\\[]{}|<>%#\t\x01\x7fäß€𝄞,:; '), st.sampled_from(string.ascii_letters)
    ),
    max_size=12,
)


@examples(60)
@given(
    st.lists(
        st.one_of(HOSTILE, st.sampled_from([INNER, INNER + ' "', INNER[:60], '"' * 7, "", INNER[:-1]])),
        max_size=12,
    )
)
def test_every_line_is_read_or_rejected_and_the_fast_path_agrees_with_the_exact_one(lines):
    lines = [line.replace("\n", "").replace("\r", "") for line in [INNER, *lines]]
    block = Block("some.log", 1, ("\n".join(lines) + "\n").encode())
    reader = Reader(find_formats("nginx"))
    ways = [reader.read(block), reader.exactly(block.lines())]
    for reading in ways:
        assert len(reading.requests) + len(reading.rejected) == sum(1 for line in lines if line.strip())
    assert ways[0].requests.equals(ways[1].requests)
    assert ways[0].rejected.equals(ways[1].rejected)


@examples(30)
@given(
    offset=st.integers(-14 * 4, 14 * 4).map(lambda quarter: timedelta(minutes=15 * quarter)),
    seconds=st.integers(0, 2**31),
)
def test_an_offset_never_moves_an_instant(offset, seconds):
    instant = datetime.fromtimestamp(seconds, UTC)
    local = (instant + offset).strftime("%d/%b/%Y:%H:%M:%S")
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // timedelta(minutes=1)
    stamp = f"{local} {sign}{minutes // 60:02}{minutes % 60:02}"
    line = INNER.replace("10/Oct/2026:13:55:36 +0000", stamp)
    reading = Reader(find_formats("nginx_combined")).read(Block("some.log", 1, f"{line}\n".encode()))
    assert reading.requests.select(pl.col("timestamp")).item() == instant


@pytest.mark.parametrize(("name", "alike"), [("nginx_combind", "but nginx_combined"), ("foo", "'foo'; ")])
def test_a_name_that_is_none_is_told_what_it_may_have_meant_and_where_all_are(name: str, alike: str) -> None:
    with pytest.raises(UnknownFormatError) as raised:
        find_formats(name)
    assert alike in str(raised.value)
    assert "`incident-kit formats`" in str(raised.value)
    assert len(str(raised.value)) < 300
