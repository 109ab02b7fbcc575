"""Reading a log: nothing is lost, everything odd is said."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from pathlib import Path

import polars as pl
import pytest
import zstandard

from incident_kit.engines.local import rollup
from incident_kit.errors import EmptySourceError, InputError, SourceError, UnknownFormatError
from incident_kit.read.access_log import explain_access_log, read_access_log
from incident_kit.schema import REJECTED, REQUESTS

BEGINNING = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"'
TIMED = BEGINNING + ' rt=0.250 urt="0.204" ua="10.0.0.1:80" us="200"'
DAMAGED = 'not a request at all "'


@pytest.fixture
def write(tmp_path: Path):
    def write(*lines: str, name: str = "access.log", end: str = "\n") -> Path:
        path = tmp_path / name
        path.write_bytes((end.join(lines) + end).encode())
        return path

    return write


@pytest.fixture
def write_bytes(tmp_path: Path):
    def write_bytes(content: bytes) -> Path:
        path = tmp_path / "access.log"
        path.write_bytes(content)
        return path

    return write_bytes


def test_a_log_has_the_columns_of_the_schema(write):
    log = read_access_log(write(TIMED, DAMAGED))
    assert log.requests.schema == {name: column.dtype for name, column in REQUESTS.items()}
    assert log.rejected.schema == {name: column.dtype for name, column in REJECTED.items()}


def test_every_line_that_is_not_empty_is_a_request_or_rejected_with_a_reason(write):
    log = read_access_log(write(TIMED, "", DAMAGED, BEGINNING, "  ", TIMED))
    assert log.requests["line_number"].to_list() == [1, 4, 6]
    assert log.rejected.select("line_number", "raw").rows() == [(3, DAMAGED)]
    assert "does not fit" in log.rejected["reason"][0]


def test_the_repr_counts(write):
    assert repr(read_access_log(write(BEGINNING, BEGINNING, DAMAGED))) == (
        "AccessLog(2 requests, 1 rejected, nginx_combined)"
    )


def test_the_start_is_the_logged_end_without_the_duration(write):
    row = read_access_log(write(TIMED)).requests.row(0, named=True)
    assert (row["timestamp"] - row["start_time"]).total_seconds() == 0.25


def test_a_log_without_durations_starts_when_it_was_logged(write):
    row = read_access_log(write(BEGINNING)).requests.row(0, named=True)
    assert row["duration_ms"] is None
    assert row["start_time"] == row["timestamp"]


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ('rt=0.250 urt="0.204" ua="10.0.0.1:80"', {"duration_ms": 250.0, "upstream_duration_ms": 204.0}),
        ('us="502" ua="unix:/run/app.sock"', {"upstream_status": 502, "upstream_addr": "unix:/run/app.sock"}),
        ("request_time=1.5", {"duration_ms": 1500.0}),
        ('"198.51.100.2" rt=0.250', {"duration_ms": 250.0, "extra": '{"tail":"198.51.100.2"}'}),
        ("rt=0.1 pod=web-7", {"duration_ms": 100.0, "extra": '{"pod":"web-7"}'}),
        ('traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"',
         {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}),
        ("trace_id=4BF92F3577B34DA6A3CE929D0E0E4736", {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}),
        ('xray="Root=1-67891233-abcdef012345678912345678"', {"trace_id": None}),
        ("rt=- us=-", {"duration_ms": None, "upstream_status": None}),
    ],
)  # fmt: skip
def test_named_tails_are_read(write, tail, expected):
    row = read_access_log(write(f"{BEGINNING} {tail}")).requests.row(0, named=True)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(("cut_off", "told"), [(1, False), (150, True)])
def test_a_few_lines_cut_off_in_their_tail_are_no_other_tail(write, cut_off, told):
    log = read_access_log(write(*[TIMED] * 300, *[TIMED[:-3]] * cut_off))
    assert log.requests["duration_ms"].null_count() == cut_off
    assert bool(log.notes) == told
    assert log.log_format == "nginx_combined rt urt ua us, nginx_combined_tail"


def test_an_unknown_tail_is_kept_and_said_and_no_duration_is_guessed(write):
    log = read_access_log(write(f"{BEGINNING} 2.50 MISS"))
    row = log.requests.row(0, named=True)
    assert row["duration_ms"] is None
    assert row["extra"] == '{"tail":"2.50 MISS"}'
    assert any("extra" in note and "--log-format" in note for note in log.notes)


def test_a_tail_whose_duration_was_read_is_not_said_to_tell_none(write):
    log = read_access_log(write(f"{BEGINNING} 0.250"))
    assert log.requests["duration_ms"].to_list() == [250.0]
    assert log.notes == ()


def test_attempts_upstream_are_counted_summed_and_kept(write):
    tail = (
        'rt=0.230 urt="0.001, 0.204 : 0.020" ua="10.0.0.1:80, 10.0.0.2:80 : 10.0.1.1:80" us="502, 504 : 200"'
    )
    row = read_access_log(write(f"{BEGINNING} {tail}")).requests.row(0, named=True)
    assert (row["upstream_attempts"], row["upstream_addr"], row["upstream_status"]) == (3, "10.0.1.1:80", 200)
    assert row["upstream_duration_ms"] == pytest.approx(225.0)
    assert '{"addr": "10.0.0.1:80", "status": 502, "ms": 1.0}' in row["extra"]


@pytest.mark.parametrize(
    ("request_line", "parts"),
    [
        ("GET /a?b=c HTTP/2.0", ("GET", "/a?b=c", "/a", "b=c")),
        ("GET /a b HTTP/1.1", ("GET", "/a b", "/a b", None)),
        ("GET /a", ("GET", "/a", "/a", None)),
        (r"\x16\x03\x01", (None, r"\x16\x03\x01", r"\x16\x03\x01", None)),
        ("", (None, None, None, None)),
        ("-", (None, None, None, None)),
        ("CONNECT host:443 HTTP/1.1", ("CONNECT", "host:443", "host:443", None)),
        ("GET http://example.com:80/a?b HTTP/1.1", ("GET", "http://example.com:80/a?b", "/a", "b")),
        (r"GET /\x22q\x22 HTTP/1.1", ("GET", '/"q"', '/"q"', None)),
    ],
)
def test_odd_requests(write, request_line, parts):
    line = BEGINNING.replace("GET /x HTTP/1.1", request_line)
    row = read_access_log(write(line, BEGINNING)).requests.row(0, named=True)
    assert tuple(row[name] for name in ("method", "target", "path", "query")) == parts


def test_a_bare_quote_within_a_field_swallows_no_line(write):
    stray = BEGINNING.replace("curl/8.5", 'cu"rl')
    log = read_access_log(write(BEGINNING, stray, BEGINNING))
    assert log.requests["user_agent"].to_list() == ["curl/8.5", 'cu"rl', "curl/8.5"]


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_compressed_files_are_known_by_their_content(tmp_path, compress):
    path = tmp_path / "access.log"
    path.write_bytes(compress(f"{TIMED}\n".encode()))
    assert len(read_access_log(path).requests) == 1


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_concatenated_members_are_one_file(tmp_path, compress):
    path = tmp_path / "access.log"
    path.write_bytes(compress(f"{TIMED}\n".encode()) * 3)
    assert len(read_access_log(path).requests) == 3


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
@pytest.mark.parametrize(
    ("between", "after"), [(b"\0" * 512, b""), (b"", b"\0" * 9000), (b"\0" * 5000, b"\0")]
)
def test_nuls_that_fill_a_block_up_are_no_damage(tmp_path, compress, between, after):
    path = tmp_path / "access.log"
    path.write_bytes(compress(f"{TIMED}\n".encode()) + between + compress(f"{TIMED}\n".encode()) + after)
    log = read_access_log(path)
    assert (len(log.requests), log.notes) == (2, ())


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
@pytest.mark.parametrize("after", [b"junk", f"{TIMED}\n".encode(), b"x" * 9000])
def test_what_follows_an_archive_and_cannot_be_read_is_said(tmp_path, compress, after):
    path = tmp_path / "access.log"
    path.write_bytes(compress(f"{TIMED}\n".encode() * 3) + after)
    log = read_access_log(path)
    assert len(log.requests) == 3
    assert "is damaged after" in log.notes[0]


def test_an_archive_that_fails_its_checksum_is_read_and_said_to_be_altered(tmp_path):
    packed = gzip.compress(f"{TIMED}\n".encode() * 3)
    path = tmp_path / "access.log.gz"
    path.write_bytes(packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:])
    log = read_access_log(path)
    assert len(log.requests) == 3
    (note,) = log.notes
    assert note.startswith(f"{path} fails its checksum (")
    assert note.endswith("; all of it was read, and its lines may be altered.")


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, zstandard.compress])
def test_a_truncated_file_keeps_what_came_before_and_says_so(tmp_path, compress):
    path = tmp_path / "access.log"
    lines = [TIMED.replace("/x", f"/{number * 7919 % 99_991}") for number in range(20_000)]
    path.write_bytes(compress("\n".join(lines).encode())[:-2000])
    log = read_access_log(path)
    assert len(log.requests) > 1000
    assert any("damaged" in note for note in log.notes)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
@pytest.mark.parametrize("kept", [0.5, 0.6, 0.7, 0.8, 0.9])
def test_a_line_that_damage_cut_off_is_no_request_with_shorter_numbers(tmp_path, compress, kept):
    path = tmp_path / "access.log"
    lines = [TIMED.replace("/x", f"/{number * 7919 % 99_991}") for number in range(20_000)]
    packed = compress("\n".join(lines).encode())
    path.write_bytes(packed[: int(len(packed) * kept)])
    try:
        log = read_access_log(path)
    except SourceError:
        assert compress is bz2.compress  # whose first block is longer than what was kept
        return
    whole = len(log.requests)
    assert log.requests["path"].to_list() == [line.split()[6] for line in lines[:whole]]
    assert log.requests["duration_ms"].null_count() == 0
    assert len(log.rejected) <= 1
    for number, reason, raw in log.rejected.select("line_number", "reason", "raw").rows():
        assert (number, reason) == (whole + 1, "It was cut off where the source is damaged.")
        assert lines[whole].startswith(raw)
        assert raw


def test_a_log_that_is_damaged_within_its_first_line_is_refused(tmp_path):
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(f"{TIMED}{'!' * 10}{TIMED}".encode(), compresslevel=0)[:-30])
    with pytest.raises(SourceError, match="damaged within its first line"):
        read_access_log(path)


@pytest.mark.parametrize("last", ["", "\r"])
def test_lines_may_end_with_carriage_returns_alone(write_bytes, last):
    log = read_access_log(write_bytes(("\r".join([TIMED] * 300) + last).encode()))
    assert log.requests["line_number"].to_list() == [*range(1, 301)]
    assert log.requests["duration_ms"].to_list() == [250.0] * 300


@pytest.mark.parametrize("nuls", [64, 4096, 300_000])
def test_nuls_that_a_truncated_log_begins_with_are_left_out(write_bytes, nuls):
    log = read_access_log(write_bytes(b"\0" * nuls + f"{TIMED}\n{TIMED}\n".encode()))
    assert log.requests["client_ip"].to_list() == [TIMED.split()[0]] * 2


def test_a_log_of_nuls_alone_is_empty(write_bytes):
    with pytest.raises(EmptySourceError):
        read_access_log(write_bytes(b"\0" * 4096))


def test_rotated_files_directories_and_globs(tmp_path):
    for name in ("access.log", "access.log.1", ".hidden"):
        (tmp_path / name).write_text(f"{TIMED}\n")
    assert len(read_access_log(tmp_path).requests) == 2
    assert len(read_access_log(str(tmp_path / "access.log*")).requests) == 2
    both = read_access_log([tmp_path / "access.log.1", tmp_path / "access.log"]).requests
    assert [Path(name).name for name in both["source"]] == ["access.log.1", "access.log"]


def test_a_folder_of_folders_says_how_to_name_what_is_below(tmp_path):
    (tmp_path / "web1" / "today").mkdir(parents=True)
    (tmp_path / "web1" / "today" / "access.log").write_text(f"{TIMED}\n")
    for given in (tmp_path, tmp_path / "web*"):
        with pytest.raises(SourceError, match=r"holds only folders; give '(.*)', quoted") as refused:
            read_access_log(given)
        (below,) = re.findall("'(.*)'", str(refused.value))
        assert len(read_access_log(below).requests) == 1


def test_a_folder_without_anything_is_named(tmp_path):
    with pytest.raises(SourceError, match=f"{tmp_path} holds no files; name the folder"):
        read_access_log(tmp_path)


def test_a_file_that_several_paths_lead_to_is_read_once(write, tmp_path):
    log = write(TIMED)
    (tmp_path / "current").symlink_to(log)
    given = [log, tmp_path / "*.log", tmp_path, tmp_path / "current", f"{tmp_path}/./access.log"]
    assert len(read_access_log(given).requests) == 1


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ({"gone": "nowhere"}, r"gone is a link that leads nowhere; the rest"),
        ({"itself": "itself"}, r"itself is a link that leads nowhere; the rest"),
        ({"one": "two", "two": "one"}, r"one is a link that leads nowhere, as is 1 more; the rest"),
        ({"folder": "."}, None),
    ],
)
def test_a_link_that_cannot_be_followed_costs_none_of_the_files_beside_it(write, tmp_path, links, told):
    write(TIMED)
    for name, place in links.items():
        (tmp_path / name).symlink_to(place)
    log = read_access_log(tmp_path)
    assert len(log.requests) == 1
    assert [bool(re.search(told or "", note)) for note in log.notes] == [True] * bool(told)
    with pytest.raises(SourceError):
        read_access_log([tmp_path / name for name in links if name != "folder"])


NO_LOGS = {
    "error.log": b"2026/10/10 13:55:36 [error] 1#1: *3 connect() failed (111: Connection refused)\n",
    "core.1234": bytes(range(256)) * 40,
    "notes.txt": b"restart it twice\n",
    "traces.jsonl": b'{"resourceSpans": [{"scopeSpans": [{"spans": []}]}]}\n',
}


@pytest.mark.parametrize("beside", [*([name] for name in NO_LOGS), list(NO_LOGS)], ids=" ".join)
def test_what_lies_in_the_folder_of_a_log_and_is_none_is_left_out_and_told(write, tmp_path, beside):
    write(TIMED)
    for name in beside:
        (tmp_path / name).write_bytes(NO_LOGS[name])
    for given in (tmp_path, tmp_path / "*"):
        log = read_access_log(given)
        assert len(log.requests) == 1
        (note,) = log.notes
        assert all(str(tmp_path / name) in note for name in beside)
        assert rollup(given).meta.notes == log.notes
    assert len(explain_access_log(tmp_path)) == 1


@pytest.mark.parametrize("name", NO_LOGS)
def test_a_named_file_that_is_no_log_stops_the_reading(write, tmp_path, name):
    log = write(TIMED)
    (tmp_path / name).write_bytes(NO_LOGS[name])
    with pytest.raises(InputError, match=re.escape(f"{tmp_path / name} ")):
        read_access_log([log, tmp_path / name])


def test_an_error_log_is_not_to_be_given_a_format(tmp_path):
    (tmp_path / "error.log").write_bytes(NO_LOGS["error.log"])
    with pytest.raises(
        UnknownFormatError, match=r"It belongs to the error log.*; leave it out, or give its folder"
    ):
        read_access_log(tmp_path / "error.log")


def test_of_a_folder_without_a_log_the_first_file_says_why(tmp_path):
    for name in sorted(NO_LOGS):
        (tmp_path / name).write_bytes(NO_LOGS[name])
    with pytest.raises(SourceError, match=r"core\.1234 is binary"):
        read_access_log(tmp_path)


def test_of_many_files_that_are_no_logs_a_few_are_named(write, tmp_path):
    write(TIMED)
    for number in range(9):
        (tmp_path / f"app-{number}.txt").write_text("hello\n")
    (note,) = read_access_log(tmp_path).notes
    assert note.startswith("9 files could not be read as access logs")
    assert "app-4.txt and 4 more; " in note
    assert "app-5" not in note


def test_traces_in_a_folder_of_logs_are_referred_to_their_own_option(write, tmp_path):
    write(TIMED)
    (tmp_path / "traces.json").write_text('{"resourceSpans":[{"resource":{},"scopeSpans":[]}]}\n')
    (note,) = read_access_log(tmp_path).notes
    assert note == f"{tmp_path / 'traces.json'} looks like traces; give it as traces (traces=, --traces)."


@pytest.mark.parametrize("empty", [b"", b"\n", gzip.compress(b"")], ids=["nothing", "a blank line", "gzip"])
def test_beside_other_files_an_empty_one_is_left_out_as_rotation_leaves_one(write, tmp_path, empty):
    (tmp_path / "access.log").write_bytes(empty)
    write(TIMED, name="access.log.1")
    assert len(read_access_log(tmp_path / "access.log*").requests) == 1
    assert [one.source for one in explain_access_log(tmp_path)] == [str(tmp_path / "access.log.1")]
    with pytest.raises(SourceError, match=r"access\.log is empty"):
        read_access_log(tmp_path / "access.log")


def test_carriage_returns_marks_and_a_missing_last_newline(tmp_path):
    path = tmp_path / "access.log"
    path.write_bytes(b"\xef\xbb\xbf" + f"{TIMED}\r\n{BEGINNING}".encode())
    log = read_access_log(path)
    assert log.requests["client_ip"].to_list() == ["203.0.113.7"] * 2
    assert log.requests["user_agent"].to_list() == ["curl/8.5"] * 2


def test_invalid_utf8_is_replaced_visibly(tmp_path):
    path = tmp_path / "access.log"
    path.write_bytes(BEGINNING.encode().replace(b"curl", b"c\xffrl") + b"\n")
    assert read_access_log(path).requests["user_agent"].to_list() == ["c\ufffdrl/8.5"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_what_powershell_wrote_in_utf_16_is_read_as_it_is_in_utf_8(tmp_path, encoding):
    lines = [BEGINNING.replace("curl", agent) for agent in ("curl", "cürl 🦊") for _ in range(20_000)]
    path = tmp_path / "access.log"
    path.write_bytes(("\ufeff" + "\r\n".join([*lines, ""])).encode(encoding))
    log = read_access_log(path)
    assert log.rejected.is_empty()
    assert log.requests["user_agent"].value_counts().sort("user_agent").rows() == [
        ("curl/8.5", 20_000),
        ("cürl 🦊/8.5", 20_000),
    ]


def test_the_name_of_a_format_string_is_whole_though_it_holds_commas(write):
    string = "nginx:$remote_addr, $status, $status"
    assert read_access_log(write("203.0.113.7, 200, 200"), log_format=string).log_format == string


def test_a_server_format_string(write):
    line = '1699999999.250 200 0.125 "GET /a HTTP/1.1" "4bf92f3577b34da6a3ce929d0e0e4736"'
    log = read_access_log(
        write(line), log_format='nginx:$msec $status $request_time "$request" "$http_traceparent"'
    )
    row = log.requests.row(0, named=True)
    assert (row["duration_ms"], row["path"], row["trace_id"]) == (
        125.0,
        "/a",
        "4bf92f3577b34da6a3ce929d0e0e4736",
    )
    assert row["timestamp"].microsecond == 250_000


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "empty"),
        (bytes(range(256)) * 20, "binary"),
        pytest.param(gzip.compress("\ufeffx".encode("utf-16-le")), "UTF-16", id="compressed UTF-16"),
    ],
)
def test_what_is_no_log_is_refused_by_name(tmp_path, content, named):
    path = tmp_path / "odd.log"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=rf"odd\.log .*{named}"):
        read_access_log(path)


def test_a_missing_file_is_named():
    with pytest.raises(SourceError, match=r"no file absent\.log"):
        read_access_log("absent.log")


def test_an_unknown_format_names_the_file_and_what_was_tried(write):
    with pytest.raises(UnknownFormatError, match=r"access\.log was read as any of \d+ formats"):
        read_access_log(write("hello", "world"))


def test_of_a_log_without_requests_it_is_told_what_it_is(write):
    line = "tls 2.0 2026-12-20T02:59:40 net/lb/c6e7 g3d4 203.0.113.7:51341 10.0.0.1:443 5 2 98 246"
    with pytest.raises(UnknownFormatError, match="of a TLS connection, and of no request"):
        read_access_log(write(line))


def test_of_json_that_no_format_knows_the_keys_are_told_to_be_mapped(write):
    log = write('{"t": "2026-01-01T00:00:00Z", "verb": "GET", "u": "/a", "resp": {"code": 503, "took": 2}}')
    with pytest.raises(UnknownFormatError, match=r"keys t, verb, u, resp\.code and resp\.took: .*json:time"):
        read_access_log(log)
    mapped = read_access_log(log, log_format="json:timestamp=t,method=verb,target=u,status=resp.code")
    assert mapped.requests["status"].to_list() == [503]


def test_an_unknown_format_name_is_told_what_it_may_have_meant_and_where_all_are_listed(write):
    with pytest.raises(UnknownFormatError, match=r"but nginx_combined.*`incident-kit formats` lists them"):
        read_access_log(write(TIMED), log_format="nginx_combind")


def test_two_halves_of_a_log_read_like_the_whole(tmp_path):
    lines = [TIMED.replace("/x", f"/items/{number}") for number in range(100)]
    (tmp_path / "1.log").write_text("\n".join(lines[:50]) + "\n")
    (tmp_path / "2.log").write_text("\n".join(lines[50:]) + "\n")
    (tmp_path / "whole.log").write_text("\n".join(lines) + "\n")
    halves = read_access_log([tmp_path / "1.log", tmp_path / "2.log"]).requests
    whole = read_access_log(tmp_path / "whole.log").requests
    own = pl.exclude("source", "line_number")
    assert halves.select(own).equals(whole.select(own))
