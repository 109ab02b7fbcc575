"""Servers' own format strings, as their manuals define them, become formats."""

# A log's line stays one line here, so that it can be found in a log.
# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from polars.testing import assert_frame_equal

from incident_kit.errors import FormatStringError
from incident_kit.read.access_log import read_access_log
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import find_formats
from incident_kit.read.sources.block import Block

HTTPLOG = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"
NATIVE = "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt"
GUNICORN = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"'
COMMON = '%h %l %u %t "%r" %>s %b'
CLF = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612'
AT = datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)

CASES = [
    ("Tomcat: the first byte after milliseconds", 'apache:%h %l %u %t "%r" %s %b %{ms}T %F',
     '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 250 204',
     {"duration_ms": 250.0, "extra": '{"%F":204.0}'}),
    ("HAProxy: the format that is httplog, blanks escaped as in a configuration", "haproxy:" + HTTPLOG.replace(" ", "\\ "),
     '203.0.113.7:5 [10/Oct/2026:13:55:36.250] in~ s/a 1/0/2/3/9 200 612 - - ---- 1/1/1/1/2 0/7 {a|b} {c} "GET /x HTTP/1.1"',
     {"client_port": 5, "upstream_addr": "s/a", "upstream_attempts": 3, "duration_ms": 9.0, "path": "/x"}),
    ("HAProxy: no headers were captured, no server tried", f"haproxy:{HTTPLOG}",
     '203.0.113.7:5 [10/Oct/2026:13:55:36.250] in in/<NOSRV> -1/-1/-1/-1/9 503 612 - - SC-- 1/1/1/1/0 0/7 "GET /a#22b HTTP/1.1"',
     {"upstream_addr": None, "upstream_duration_ms": None, "status": 503, "target": '/a"b'}),
    ("HAProxy: a sample expression", "haproxy:%ci %s %[capture.req.hdr(0)] %ST %Tt",
     "203.0.113.7 a Mozilla/5.0 (X11) 200 +9", {"duration_ms": 9.0, "extra": '{"%[capture.req.hdr(0)]":"Mozilla/5.0 (X11)"}'}),
    ("HAProxy: sample expressions that say what variables do", 'haproxy:%[src]:%[src_port] [%tr] %[method] %[pathq] %[status] %Ta %[req.hdr(host)] %[var(txn.x),regsub("[.]","-")]',
     "203.0.113.7:5 [10/Oct/2026:13:55:36.000] GET /x?y=1 502 250 a.b z-9",
     {"client_ip": "203.0.113.7", "client_port": 5, "query": "y=1", "status": 502, "host": "a.b", "extra": '{"%[var(txn.x),regsub(\\"[.]\\",\\"-\\")]":"z-9"}'}),
    ("CloudFront: the fields that were chosen, in any order", "cloudfront:sc-status,timestamp cs-uri-stem,cs-method time-taken c-ip",
     "1791640536.000\t203.0.113.7\t502\tGET\t/x?y=1\t0.204", {"client_ip": "203.0.113.7", "query": "y=1", "status": 502, "timestamp": AT}),
    ("HAProxy: all values quoted but one", "haproxy:%{+Q}o %ci %{-Q}ST %HU %Ts",
     '"203.0.113.7" 200 "/a?b=c" "1791640536"', {"status": 200, "query": "b=c", "timestamp": AT}),
    ("HAProxy: JSON, a percent sign, a time with its offset", 'haproxy:{"m":"%HM","p":"%HP","q":"%HQ","v":"%HV","load":"7%%","at":"%trl"}',
     '{"m":"GET","p":"/a","q":"?b=1","v":"HTTP/2.0","load":"7%","at":"10/Oct/2026:15:55:36 +0200"}',
     {"target": "/a?b=1", "http_version": "2.0", "timestamp": AT}),
    ("HAProxy: a variable without a row keeps its spelling", "haproxy:%ci %ST %rt", "::1 200 17", {"extra": '{"%rt":"17"}'}),
    ("HAProxy: the time that was active goes before the whole", "haproxy:%Tt %Ta", "20 9", {"duration_ms": 9.0, "extra": '{"session_ms":20.0}'}),
    ("Squid: its native format", f"squid:{NATIVE}",
     "1791640536.250    250 203.0.113.7 TCP_MISS/200 612 GET http://a.b/x ann HIER_DIRECT/10.0.0.1 -",
     {"duration_ms": 250.0, "start_time": AT, "host": "a.b", "user": "ann", "upstream_addr": "10.0.0.1"}),
    ("Squid: headers, ports and the peer's time", 'squid:%ts.%03tu %>a %>p "%{User-Agent}>h" "%{X-Id}>h" %<tt %tr',
     '1791640536.000 ::1 40124 "curl (x)" "7" 3 250', {"client_port": 40124, "user_agent": "curl (x)",
     "upstream_duration_ms": 3.0, "duration_ms": 250.0, "extra": '{"%{X-Id}>h":"7"}'}),
    ("Squid: an argument after the code, as newer versions write it", "squid:%ts %>h{User-Agent} %>Hs", "1791640536 curl 000",
     {"user_agent": "curl", "status": 0, "timestamp": AT}),
    ("Squid: the common format's time, a value filled up, blanks without quotes", "squid:[%tg] %rm %20ru %{User-Agent}>h", "[10/Oct/2026:13:55:36 +0000] GET        http://a.b/x curl (x)",
     {"timestamp": AT, "path": "/x", "user_agent": "curl (x)"}),
    ("Squid: a percent sign with braces behind it", "squid:%ts 7%%{x} %>Hs", "1791640536 7%{x} 200", {"status": 200, "timestamp": AT}),
    ("nginx: a bar parts the values, and stands in the last one too", "nginx:$remote_addr|$time_local|$request|$status|$upstream_response_time|$http_user_agent",
     "203.0.113.7|10/Oct/2026:13:55:36 +0000|GET /a|b HTTP/1.1|200|0.009|curl|x", {"target": "/a|b", "upstream_duration_ms": 9.0, "user_agent": "curl|x"}),
    ("Apache: seconds and the finer microseconds", f"apache:{COMMON} %T/%D", f"{CLF} 0/123456", {"duration_ms": 123.456, "extra": '{"%T":0.0}'}),
    ("Apache: microseconds before seconds", f"apache:{COMMON} %D %T", f"{CLF} 123456 0.5", {"duration_ms": 123.456, "extra": '{"%T":0.5}'}),
    ("Apache: seconds before milliseconds", f"apache:{COMMON} %T %{{ms}}T", f"{CLF} 1 1500", {"duration_ms": 1500.0}),
    ("Apache: the finer unit, be it the original request's", f"apache:{COMMON} %>T %<D", f"{CLF} 1 1500000", {"duration_ms": 1500.0}),
    ("Apache: quotes escaped as in httpd.conf", 'apache:%h %l %u %t \\"%r\\" %>s %b', CLF, {"path": "/x", "bytes_sent": 612}),
    ("Apache: tabs written as in httpd.conf", r"apache:%h\t%u\t%r\t%>s", "203.0.113.7\tann\tGET /a b HTTP/1.1\t200", {"user": "ann", "target": "/a b", "status": 200}),
    ("Apache: a backslash escaped as in httpd.conf", r"apache:%h \\ %>s", "::1 \\ 200", {"status": 200}),
    ("Apache: the first byte's time, which mod_logio tracks", f"apache:{COMMON} %{{us}}T %^FB %^FU", f"{CLF} 17123 999 -", {"duration_ms": 17.123, "extra": '{"%^FB":999}'}),
    ("Apache: a fraction of the beginning, and one of the end", "apache:%{begin:%d/%b/%Y:%T}t.%{begin:msec_frac}t %{end:msec_frac}t %>s", "10/Oct/2026:13:55:36.007 900 200",
     {"timestamp": AT.replace(microsecond=7000), "status": 200}),
    ("Apache: seconds since 1970 with their fraction", "apache:%{sec}t.%{msec_frac}t %>s", "1791640536.007 200", {"timestamp": AT.replace(microsecond=7000), "status": 200}),
    ("Apache: seconds since 1970 that their fraction touches", "apache:%{sec}t%{usec_frac}t %>s", "1791640536000007 200", {"timestamp": AT.replace(microsecond=7), "status": 200}),
    ("Apache: seconds and fractions of the beginning and of the end", "apache:%{begin:sec}t%{begin:msec_frac}t %{end:sec}t.%{end:usec_frac}t %>s", "1791640536250 1791640537.900000 200",
     {"timestamp": AT.replace(microsecond=250000), "start_time": AT.replace(microsecond=250000)}),
    ("Apache: seconds of the end with their fraction, and the duration", "apache:%{end:sec}t.%{end:usec_frac}t %D %>s", "1791640536.500000 500000 200",
     {"timestamp": AT.replace(microsecond=500000), "start_time": AT}),
    ("Apache: the usual time and a fraction", "apache:%t.%{msec_frac}t %{usec_frac}t %>s", "[10/Oct/2026:13:55:36 +0000].250 250007 200", {"timestamp": AT.replace(microsecond=250007)}),
    ("Apache: finer than seconds by itself", "apache:%{msec}t %{usec_frac}t %>s", "1791640536250 250007 200", {"timestamp": AT.replace(microsecond=250000)}),
    ("Apache: a fraction that only some statuses have", "apache:%t %!200{msec_frac}t %>s", "[10/Oct/2026:13:55:36 +0000] - 200", {"timestamp": AT}),
    ("Apache: the beginning before the end, whatever else is told of that", "apache:%{end:usec}t %t %D %>s", "1791640536250000 [10/Oct/2026:13:55:36 +0000] 250000 200",
     {"timestamp": AT, "start_time": AT, "extra": '{"%{end:usec}t":"1791640536250000"}'}),
    ("Apache: the forwarded-for header in the address's place", f"apache:{COMMON.replace('%h', '%{X-Forwarded-For}i')}", CLF.replace("203.0.113.7", "203.0.113.9, 10.1.1.1"),
     {"client_ip": "203.0.113.9", "user": None, "extra": '{"%{X-Forwarded-For}i":"203.0.113.9, 10.1.1.1"}'}),
    ("Apache: the directive as httpd.conf has it", 'apache:LogFormat "%h %l %u %t \\"%r\\" %>s %b" common', CLF, {"path": "/x", "bytes_sent": 612}),
    ("Apache: a Windows domain before the user", f"apache:{COMMON}", CLF.replace("- - [", "- SHOP\\\\ann ["), {"user": "SHOP\\ann"}),
    ("nginx: a Windows domain before the user", "nginx:$remote_addr - $remote_user [$time_local] $status", "::1 - SHOP\\x5Cann [10/Oct/2026:13:55:36 +0000] 200", {"user": "SHOP\\ann"}),
    ("nginx: the directive as nginx.conf has it", "nginx:log_format main escape=default '$remote_addr [$time_local] \"$request\" '\n  '$status $request_time';",
     '::1 [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 0.5', {"path": "/x", "status": 200, "duration_ms": 500.0}),
    ("nginx: the strings of the directive alone", "nginx:  '$remote_addr [$time_local] '\n  '$status $request_time';",
     "::1 [10/Oct/2026:13:55:36 +0000] 200 0.5", {"status": 200, "duration_ms": 500.0}),
    ("HAProxy: the directive as haproxy.cfg has it", 'haproxy:log-format "%ci [%tr] %ST %Ta \\"%r\\""', '::1 [10/Oct/2026:13:55:36.000] 200 9 "GET /x HTTP/1.1"',
     {"path": "/x", "status": 200, "duration_ms": 9.0}),
    ("HAProxy: the directive without quotes", "haproxy:log-format %ci\\ %ST\\ %Ta", "::1 200 9", {"client_ip": "::1", "status": 200, "duration_ms": 9.0}),
    ("Squid: the directive as squid.conf has it", "squid:logformat timed %>a %ts.%03tu %tr %>Hs", "::1 1791640536.250 9 200",
     {"timestamp": AT.replace(microsecond=250000), "status": 200, "duration_ms": 9.0}),
    ("gunicorn: the setting as gunicorn.conf.py has it", "gunicorn:access_log_format = '%(h)s \"%(r)s\" %(s)s %(M)s'", '::1 "GET /x HTTP/1.1" 200 9',
     {"path": "/x", "status": 200, "duration_ms": 9.0}),
    ("nginx: no query, for which a dash is written", 'nginx:"$request_method $uri$is_args$args $server_protocol" $status', '"GET /a- HTTP/1.1" 200', {"target": "/a", "path": "/a", "query": None}),
    ("nginx: a query", 'nginx:"$request_method $uri$is_args$args $server_protocol" $status', '"GET /a-?b- HTTP/1.1" 200', {"target": "/a-?b-", "path": "/a-", "query": "b-"}),
    ("nginx: no query, in JSON", 'nginx:{"uri":"$uri$is_args$args","status":$status}', '{"uri":"/a-","status":200}', {"path": "/a-", "query": None}),
    ("nginx: the client as the ingress controller calls it", "nginx:$the_real_ip - [$the_real_ip] $status", "203.0.113.9 - [203.0.113.9] 200",
     {"client_ip": "203.0.113.9"}),
    ("nginx: the client as the PROXY protocol tells it", "nginx:$proxy_protocol_addr $status", "203.0.113.9 200", {"client_ip": "203.0.113.9"}),
    ("nginx: the client in a header, the address not logged", 'nginx:"$http_x_forwarded_for" [$time_local] $status', '"203.0.113.9, 10.1.1.1" [10/Oct/2026:13:55:36 +0000] 200',
     {"client_ip": "203.0.113.9", "extra": '{"http_x_forwarded_for":"203.0.113.9, 10.1.1.1"}'}),
    ("nginx: the client in a header, the address logged", 'nginx:"$http_x_forwarded_for" $remote_addr $status', '"203.0.113.9" 10.1.1.1 200', {"client_ip": "10.1.1.1"}),
    ("nginx: the trace in Google's header", 'nginx:$remote_addr "$http_x_cloud_trace_context" $status', '::1 "105445aa7843bc8bf206b12000100000/1;o=1" 200', {"trace_id": "105445aa7843bc8bf206b12000100000"}),
    ("nginx: a person's name in a certificate", "nginx:$remote_addr $ssl_client_s_dn $status", "::1 CN=Ann Lee,O=Acme Inc 200", {"status": 200, "extra": '{"ssl_client_s_dn":"CN=Ann Lee,O=Acme Inc"}'}),
    ("gunicorn: its default and the microseconds after it", f"gunicorn:{GUNICORN} %(D)s", CLF + ' "-" "c \\"q\\"" 250000',
     {"user_agent": 'c "q"', "duration_ms": 250.0, "timestamp": AT, "start_time": AT.replace(second=35, microsecond=750_000)}),
    ("gunicorn: the finer of two durations", f"gunicorn:{GUNICORN} %(T)s %(L)s", CLF + ' "-" "c" 0 0.250000', {"duration_ms": 250.0, "extra": '{"T":0.0}'}),
    ("gunicorn: behind a Unix socket", f"gunicorn:{GUNICORN}", CLF.removeprefix("203.0.113.7") + ' "-" "c"', {"client_ip": None, "path": "/x"}),
    ("gunicorn: parts of the request, headers, the process", 'gunicorn:%(t)s %(h)s "%(m)s %(U)s?%(q)s %(H)s" %(s)s %(p)s "%({X-Request-Id}i)s" "%({X-Foo}o)s" rt=%(M)s',
     '[10/Oct/2026:13:55:36 +0000] ::1 "GET /x?y HTTP/1.1" 502 <7> "r1" "a b" rt=250',
     {"target": "/x?y", "request_id": "r1", "duration_ms": 250.0, "extra": '{"process":7,"%({X-Foo}o)s":"a b"}'}),
    ("nginx: bars around the request, one in it", "nginx:$remote_addr|$request|$status", "::1|GET /a|b HTTP/1.1|200", {"target": "/a|b", "status": 200}),
    ("nginx: bars, a blank in the target", "nginx:$remote_addr|$request|$status", "::1|GET /a b HTTP/1.1|200", {"target": "/a b", "status": 200}),
    ("nginx: bars, no request", "nginx:$remote_addr|$request|$status", "::1|-|400", {"target": None, "status": 400}),
    ("nginx: tabs", "nginx:$remote_addr\t$request\t$status\t$http_user_agent\t$http_referer", "::1\tGET /x HTTP/1.1\t200\tcurl (x)\thttp://a/b c",
     {"path": "/x", "user_agent": "curl (x)", "referer": "http://a/b c"}),
    ("nginx: single quotes", "nginx:$remote_addr '$request' $status '$http_user_agent'", "::1 'GET /x HTTP/1.1' 200 'curl (it's)'", {"path": "/x", "user_agent": "curl (it's)"}),
    ("nginx: brackets, one in the target", "nginx:$remote_addr [$request] $status", "::1 [GET /a]?b=[] HTTP/1.1] 200", {"path": "/a]", "query": "b=[]"}),
    ("nginx: nothing but blanks", "nginx:$remote_addr $request $status", "::1 GET /x HTTP/1.1 200", {"method": "GET", "path": "/x", "status": 200}),
    ("nginx: a decoded path", "nginx:$remote_addr $request_method $uri $status", "::1 GET /a b 200", {"path": "/a b", "status": 200}),
    ("nginx: a whole URL", 'nginx:"$request_method $scheme://$host$request_uri" $status', '"GET https://a.b/x?y=1" 200',
     {"host": "a.b", "target": "/x?y=1", "path": "/x", "query": "y=1"}),
    ("nginx: a host, a port and a target", "nginx:$http_host:$server_port$request_uri $status", "a.b:8080/x 200", {"host": "a.b", "target": "/x"}),
    ("nginx: a host without a target", "nginx:$host$request_uri $status", "a.b 400", {"host": "a.b", "target": None, "status": 400}),
    ("nginx: a decoded path and its query", 'nginx:"$uri$is_args$args" $status', '"/a b?c=/d?e" 200',
     {"path": "/a b", "query": "c=/d?e", "extra": None}),
    ("nginx: a path without a query", "nginx:$host$uri$is_args$args $status", "a.b/x 200", {"host": "a.b", "path": "/x", "query": None}),
    ("Apache: a host, a path and a query", 'apache:"%m http://%v%U%q" %>s', '"GET http://a.b/x?y=/z" 200',
     {"host": "a.b", "path": "/x", "query": "y=/z"}),
    ("Apache: a header, a path and a query", 'apache:"%{Host}i%U%q" %>s', '"a.b/x" 200', {"host": "a.b", "path": "/x", "query": None}),
    ("nginx: without quotes, beside a value with them", 'nginx:[$request] $http_x_a|$status "$host"', '[GET /x HTTP/1.1] b c|200 "a.b"', {"path": "/x", "host": "a.b", "extra": '{"http_x_a":"b c"}'}),
    ("HAProxy: bars around the request", "haproxy:%ci|%r|%ST|%Ta", "::1|GET /x HTTP/1.1|200|9", {"path": "/x", "status": 200, "duration_ms": 9.0}),
    ("HAProxy: bars, a character that could break the line", "haproxy:%ci|%r|%ST|%Ta", "::1|GET /a#7Cb|c HTTP/1.1|200|9", {"path": "/a|b|c", "duration_ms": 9.0}),
    ("HAProxy: bars, no request", "haproxy:%ci|%r|%ST|%Ta", "::1|<BADREQ>|400|9", {"target": None, "status": 400}),
]  # fmt: skip
UNQUOTED = [
    ('nginx:[$request] $http_x_a|$http_x_b|$status "$host"', '[GET /x HTTP/1.1] {}|{}|200 "a.b"'),
    ('nginx:$request $status "$host" $http_user_agent', 'GET /{} HTTP/1.1 200 "a.b" {}'),
    ('nginx:"$host$uri$is_args$args" $host$request_uri $status', '"a.b/{}" a.b/{} 200'),
    ('apache:"%{Host}i%U%q" %v%U%q %>s', '"a.b/{}" a.b/{} 200'),
    ('haproxy:"%ci" %r|%ST|%[x]', '"::1" GET /{} HTTP/1.1|200|{}'),
]
ODD_TEXT = ["a", "", "-", "a|b", "a b", "a] HTTP/1.1]", "/x HTTP/1.1|200", '"', "\\x22", "#7C", "GET /x"]


@pytest.mark.parametrize(("log_format", "line"), UNQUOTED)
def test_values_without_quotes_are_read_alike_both_ways(log_format, line):
    lines = [line.format(first, second) for first in ODD_TEXT for second in ODD_TEXT]
    block, reader = Block("some.log", 1, ("\n".join(lines) + "\n").encode()), Reader(find_formats(log_format))
    fast, exact = reader.read(block), reader.exactly(block.lines())
    assert len(reader.fast(block)[0]) > 0
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)


@pytest.mark.parametrize(
    ("log_format", "line", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_line_is_read_by_the_string_that_wrote_it(tmp_path, log_format, line, expected):
    path = tmp_path / "some.log"
    path.write_text(line + "\n", encoding="utf-8")
    row = read_access_log(path, log_format=log_format).requests.row(0, named=True)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("name", ["haproxy_http", "squid"])
def test_a_string_reads_as_the_format_it_stands_for(tmp_path, name):
    string = {"haproxy_http": f"haproxy:{HTTPLOG}", "squid": f"squid:{NATIVE}"}[name]
    ours = find_formats(name)[0]
    path = tmp_path / "some.log"
    path.write_text("\n".join(sample.line for sample in ours.samples), encoding="utf-8")
    rows = [read_access_log(path, log_format=one).requests.drop("extra") for one in (string, name)]
    assert rows[0].equals(rows[1])


@pytest.mark.parametrize("form", ["%H", "%M:%S", "%Y-%m-%d %l:%M", "%Y-%m-%d %f", "%S", "%p"])
def test_a_form_of_time_that_cannot_be_read_is_refused(form):
    with pytest.raises(FormatStringError, match="cannot be read"):
        find_formats(f"apache:%h %{{{form}}}t %>s")


def test_hours_and_minutes_may_be_written_as_one(tmp_path):
    path = tmp_path / "some.log"
    path.write_text("203.0.113.7 2026-10-10 13:55:36 200\n", encoding="utf-8")
    log = read_access_log(path, log_format="apache:%h %{%Y-%m-%d %R:%S}t %>s")
    assert log.requests["timestamp"].to_list() == [AT]


@pytest.mark.parametrize("log_format", [
    "haproxy:", "haproxy:nothing", "haproxy:%ci%cp", "haproxy:100%%", "squid:", "squid:nothing", "squid:%>a%>p",
    "gunicorn:", "gunicorn:nothing", "gunicorn:%(h)s%(u)s", "gunicorn:100%%",
    "apache:", "apache:nothing", "apache:%h%l", "apache:%D%B", 'apache:"%{a}i%{b}i" %s', "apache:" + "%r" * 400,
])  # fmt: skip
def test_a_string_that_tells_no_values_apart_is_refused(log_format):
    with pytest.raises(FormatStringError):
        find_formats(log_format)


@pytest.mark.parametrize(
    "log_format",
    ["apache:%D%s", "apache:%s%D", "apache:%h%t", "apache:%{%F}t%{%T}t.%{msec_frac}t%{%z}t", "apache:%b%X"],
)
def test_directives_touch_where_one_of_them_is_of_one_length(log_format):
    assert len(find_formats(log_format)) == 1


def test_extra_is_one_object(tmp_path):
    path = tmp_path / "some.log"
    path.write_text('10.0.0.1 200 "a\\b" 7\n', encoding="utf-8")
    row = read_access_log(path, log_format='haproxy:%ci %ST "%[x]" %[y]').requests.row(0, named=True)
    assert json.loads(row["extra"]) == {"%[x]": "a\\b", "%[y]": "7"}


@pytest.mark.parametrize(
    ("directive", "status", "read"), [("%t", "200", 0), ("%!200t", "200", 1), ("%{%FT%T}t", "200", 0)]
)
def test_a_time_is_missing_only_where_apache_was_told_to_leave_it_out(directive, status, read):
    block = Block("some.log", 1, f'203.0.113.7 - - - "GET /x HTTP/1.1" {status} 612\n'.encode())
    reader = Reader(find_formats(f"apache:{COMMON.replace('%t', directive)}"))
    assert len(reader.exactly(block.lines()).requests) == read


# The fixed text after a value may stand within the value too; where it first stands is not where the value ends.
HOLDING = [
    ('apache:%{X-Forwarded-For}i %l %u %t "%r" %>s %b', CLF.replace("203.0.113.7 - -", "10.0.0.1, 10.1.1.1 - ann")),
    ('apache:%{User-Agent}i %D %h "%r" %>s', 'curl (a b) 5 10.0.0.1 "GET / HTTP/1.1" 200'),
    ('apache:%{User-Agent}i|%D|%h|"%r"|%>s', 'curl|x|5|10.0.0.1|"GET / HTTP/1.1"|200'),
    ('apache:%h %f %>s "%r"', '10.0.0.1 /a b/c d 200 "GET / HTTP/1.1"'),
    ('apache:%{Cookie}i/%{Host}i %h "%r" %>s', 'a=/b; c=/d/a.b 10.0.0.1 "GET / HTTP/1.1" 200'),
    ('squid:%>a "%rm %ru HTTP/%rv" %>Hs', '10.0.0.1 "GET http://a.b/x y HTTP/1.1" 200'),
    ("haproxy:%ci %[capture.req.hdr(0)] %ST %{+Q}r", '10.0.0.1 curl (a b) 200 "GET / HTTP/1.1"'),
    ('nginx:$remote_addr $proxy_add_x_forwarded_for $status "$request"', '10.0.0.1 203.0.113.9, 10.0.0.1 200 "GET / HTTP/1.1"'),
    ('nginx:$geoip_city $remote_addr $status "$request"', 'New York 10.0.0.1 200 "GET / HTTP/1.1"'),
]  # fmt: skip


@pytest.mark.parametrize(("log_format", "line"), HOLDING)
def test_what_parts_values_may_stand_within_one_of_them(log_format, line):
    block, reader = Block("some.log", 1, f"{line}\n".encode() * 9), Reader(find_formats(log_format))
    fast, exact = reader.read(block), reader.exactly(block.lines())
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert fast.requests.select("client_ip", "status").rows() == [("10.0.0.1", 200)] * 9
