"""Lines that servers really write and that are easy to read wrongly, family by family."""

# A log's line stays one line here, so that it can be found in a log.
# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from incident_kit.read.log_formats.nginx import COMBINED
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import find_formats
from incident_kit.read.sources.block import Block

CLF = '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl"'
HAPROXY = "10.0.0.1:5 [06/Feb/2026:12:14:14.655] "
ALB = (
    "https 2026-10-10T13:55:36.250000Z app/shop/49 [2001:db8::1]:2817 {target} -1 -1 -1 502 - 34 366 "
    '"{request}" "-" - - arn:x "Self=1-58337262-36d228ad5d99923122bbe354;Root=1-67891233-abcdef012345678912345678"'
)
ALB_END = ' "-" "-" -1 2026-10-10T13:55:36.000000Z "waf,forward" "-" "-" "-" "-" "-" "-"'
CLOUD_PROPERTIES = (
    '"httpMethod":"GET","requestUri":"/x","httpStatus":499,"serverStatus":"-","serverRouted":"a:1"'
)
GATEWAY = (
    '{{"time":"2026-10-10T13:55:36Z","properties":{{"instanceId":"{0}","clientIP":"203.0.113.7","httpMethod":"GET",'
    '"requestUri":"/x","requestQuery":"{1}","httpStatus":502,"timeTaken":0.5}}}}'
)
OWN_VARIABLES = (
    "X-AzureApplicationGateway-CACHE-HIT=0&SERVER-ROUTED=10.0.0.4&"
    "X-AzureApplicationGateway-LOG-ID=aa11&SERVER-STATUS=504"
)

ODD: list[tuple[str, str, dict[str, Any]]] = [
    ("nginx: a socket and an IPv6 upstream", CLF + ' urt="0.1, 0.2" ua="unix:/a.sock, [2001:db8::1]:80" us="502, 200"',
     {"upstream_addr": "[2001:db8::1]:80", "upstream_status": 200, "upstream_attempts": 2}),
    ("nginx: the client gave up before an answer", CLF + ' rt=0.3 urt="-" ua="10.0.0.1:80" us="-"',
     {"upstream_addr": "10.0.0.1:80", "upstream_status": None, "upstream_attempts": 1}),
    ("nginx: HTTP/2 sent to a plain port", CLF.replace("GET /x HTTP/1.1", "PRI * HTTP/2.0"),
     {"method": "PRI", "target": "*", "http_version": "2.0"}),
    ("nginx: a space that is not ASCII's within a user", CLF.replace("- - [", "- ann\u00a0lee ["), {"user": "ann\u00a0lee"}),
    ("nginx: a user of two words", CLF.replace("- - [", "- ann lee ["), {"user": "ann lee"}),
    ("nginx: an address of which only the second bracket is left", CLF.replace("10.0.0.1", "10.0.0.1]"), {"client_ip": "10.0.0.1"}),
    ("ingress-nginx: no endpoint was there",
     CLF + " 30 0.000 [upstream-default-backend] [] - - - - aa11",
     {"duration_ms": 0.0, "upstream_addr": None, "upstream_attempts": None, "request_id": "aa11"}),
    ("Apache: its own wake-up call", CLF.replace("10.0.0.1", "::1").replace("GET /x", "OPTIONS *"),
     {"client_ip": "::1", "target": "*"}),
    ("Apache: the connection timed out", '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "-" 408 - "-" "-"',
     {"status": 408, "target": None, "bytes_sent": None}),
    ("Apache: a forwarded-for header in the address's place", CLF.replace("10.0.0.1", "203.0.113.7, 10.0.0.1"),
     {"client_ip": "203.0.113.7", "host": None}),
    ("Apache: what follows the common format", CLF.removesuffix(' "-" "curl"') + " 1532", {"bytes_sent": 612, "extra": '{"tail":"1532"}'}),
    ("nginx: a list of proxies before the address", '"203.0.113.7, 10.0.0.9" ' + CLF,
     {"client_ip": "10.0.0.1", "extra": '{"http_x_forwarded_for":"203.0.113.7, 10.0.0.9"}'}),
    ("nginx: the host, a list of proxies without quotes and the address", "a.b 2001:db8::1, 10.0.0.9 " + CLF,
     {"host": "a.b", "client_ip": "10.0.0.1", "extra": '{"http_x_forwarded_for":"2001:db8::1, 10.0.0.9"}'}),
    ("nginx: a list in the address's place, and a header after it", CLF.replace("10.0.0.1", "203.0.113.7, 10.0.0.1") + ' "-"',
     {"client_ip": "203.0.113.7", "user_agent": "curl"}),
    ("Azure: the gateway's version 2 says neither server nor transaction", GATEWAY.format("appgw_2", ""),
     {"duration_ms": 500.0, "upstream_addr": None, "query": None}),
    ("Azure: the gateway's version 1 tells the server after the query",
     GATEWAY.format("ApplicationGatewayRole_IN_0", "a=b&" + OWN_VARIABLES),
     {"duration_ms": 0.5, "target": "/x?a=b", "query": "a=b", "upstream_addr": "10.0.0.4", "upstream_status": 504}),
    ("Azure: the gateway's version 1 tells the server, and there was no query",
     GATEWAY.format("ApplicationGatewayRole_IN_0", OWN_VARIABLES),
     {"target": "/x", "query": None, "upstream_addr": "10.0.0.4", "upstream_status": 504}),
    ("LTSV: nginx's own names for the path that was asked for and what became of it",
     "time:2026-10-10T13:55:36Z\trequest_method:GET\turi:/index.php\trequest_uri:/x?y=1\tstatus:200\tbytes_sent:900\tbody_bytes_sent:612",
     {"target": "/x?y=1", "path": "/x", "query": "y=1", "bytes_sent": 612}),
    ("nginx: two blanks between the time and the request", CLF.replace('] "', ']  "') + ' 0.399 "203.0.113.7, 10.0.0.1"',
     {"client_ip": "10.0.0.1", "target": "/x", "bytes_sent": 612, "user_agent": "curl"}),
    ("Rack: a list of proxies in the address's place",
     '203.0.113.7, 10.0.0.1 - bob [10/Oct/2026:13:55:36 +0000] "POST /x?y=1 HTTP/1.1" 201 18 1.2345',
     {"client_ip": "203.0.113.7", "user": "bob", "duration_ms": 1234.5}),
    ("Apache: a duration after the common format, of which nobody knows the unit",
     CLF.removesuffix(' "-" "curl"') + " 0.153", {"duration_ms": None, "bytes_sent": 612}),
    ("HAProxy: no server was tried",
     HAPROXY + 'in in/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "<BADREQ>"',
     {"status": 400, "target": None, "upstream_addr": None, "duration_ms": 0.0}),
    ("HAProxy: logged before the end, after retries",
     HAPROXY + 'in s/a 1/0/3/6/+109 200 +2750 - - ---- 1/1/1/1/+2 0/0 "GET /x HTTP/1.1"',
     {"duration_ms": 109.0, "bytes_sent": 2750, "upstream_attempts": 3}),
    ("HAProxy: IPv6 without brackets",
     HAPROXY.replace("10.0.0.1", "2001:db8::1") + 'in s/a 1/0/3/6/9 200 1 - - ---- 1/1/1/1/0 0/0 {a||b} {} "GET /a b HTTP/1.1"',
     {"client_ip": "2001:db8::1", "client_port": 5, "target": "/a b"}),
    ("ALB: no request that it could parse, and its own address",
     ALB.format(target="-", request="- http://shop.example.com:80- -") + ALB_END, {"method": None, "target": None, "status": 502}),
    ("Envoy: no HTTP at all", '[2026-10-10T13:55:36.123Z] "- - -" 0 DPE 0 0 1 - "-" "-" "-" "-" "-"',
     {"target": None, "duration_ms": 1.0, "upstream_addr": None}),
    ("Envoy: nothing of the request but its version", '[2026-10-10T13:55:36.123Z] "- - HTTP/1.1" 400 DPE 0 11 1 - "-" "-" "-" "-" "-"',
     {"method": None, "target": None, "http_version": "1.1"}),
    ("Istio: no forwarded-for header", '[2026-10-10T13:55:36.123Z] "GET /x HTTP/1.1" 200 - via_upstream - "-" 0 11 1 0 "-" "curl" "x" "a" "10.0.0.2:80" '
     "inbound|80|| 127.0.0.6:4 10.0.0.2:80 [2001:db8::1]:5 - default", {"client_ip": "2001:db8::1", "client_port": 5}),
    ("nginx: neither referer nor agent, and a tail", CLF.removesuffix(' "-" "curl"') + " rt=0.250 uct=0.001 upstream=a:1, b:2 us=502, 200 pool=blue",
     {"duration_ms": 250.0, "upstream_addr": "b:2", "upstream_status": 200, "upstream_attempts": 2, "bytes_sent": 612}),
    ("nginx: the host before, and values between quotes after the agent", f'a.b {CLF} "10.0.0.1:80, 10.0.0.2:80" "502, 200" "0.250"',
     {"host": "a.b", "user_agent": "curl", "duration_ms": 250.0, "extra": '{"tail":"10.0.0.1:80, 10.0.0.2:80","tail#2":"502, 200"}'}),
    ("nginx: durations before the referer, a list of them",
     CLF.replace("612 ", "612 0.010 0.009, 0.001 "), {"duration_ms": 10.0, "upstream_duration_ms": 10.0, "upstream_attempts": 2, "user_agent": "curl"}),
    ("Apache: a number before the referer, of which nobody knows the unit", CLF.replace("612 ", "612 3413 ") + ' X-Forwarded-For="10.1.1.1, 10.2.2.2"',
     {"duration_ms": None, "bytes_sent": 612, "user_agent": "curl"}),
    ("Apache: a fraction of the second, and a tail", CLF.replace(":36 +", ":36.250 +") + " rt=0.5",
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, 250_000, UTC), "duration_ms": 500.0}),
    ("ingress-nginx: the host after the rest", CLF + " 30 0.204 [a] [] 10.0.0.2:80, 10.0.0.3:80 0, 6 0.001, 0.2 502, 200 aa11 a.b",
     {"duration_ms": 204.0, "upstream_attempts": 2, "request_id": "aa11"}),
    ("HAProxy: an id after the request", HAPROXY + 'in s/a 1/0/3/6/9 200 1 - - ---- 1/1/1/1/0 0/0 {a} "GET /x HTTP/1.1" 0A00:1_2', {"duration_ms": 9.0, "target": "/x"}),
    ("nginx: durations without a name", CLF + ' "-" 0.250 0.204, 0.001 .', {"duration_ms": 250.0, "upstream_duration_ms": 205.0, "upstream_attempts": 2}),
    ("nginx: the time of the end, then a duration, neither with a name", CLF + " 1791640536.250 0.250", {"duration_ms": 250.0, "extra": '{"tail":"1791640536.250"}'}),
    ("nginx: durations without a name, nothing upstream", CLF + " 0.000 - .", {"duration_ms": 0.0, "upstream_duration_ms": None}),
    ("nginx: the upstream's duration before the request's, which is longer", CLF + " 0.204 0.250", {"duration_ms": 250.0, "upstream_duration_ms": 204.0}),
    ("gunicorn: a duration with its unit", CLF + ' 2153µs "8.8.8.8"', {"duration_ms": 2.153, "extra": '{"tail":"8.8.8.8"}'}),
    ("Node's morgan: a duration, its unit after a blank", CLF + " - 12.345 ms", {"duration_ms": 12.345, "extra": None}),
    ("a trace context without a name", CLF + ' "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" 12',
     {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "duration_ms": None}),
    ("nginx: the host before, and a tail of names", f"a.b:443 {CLF} rt=0.250 urt=0.1, 0.1", {"host": "a.b", "user_agent": "curl", "duration_ms": 250.0, "upstream_attempts": 2}),
    ("Istio: a waypoint, whose client is a listener within", '{"start_time":"2026-10-10T13:55:36.123Z","method":"GET","path":"/x","response_code":200,'
     '"downstream_remote_address":"envoy://internal_client_address/","upstream_host":"10.0.0.2:80"}', {"client_ip": None, "client_port": None}),
    ("nginx: lists without quotes in a tail", CLF + " request_time=0.250 upstream_response_time=0.204, 0.001 : 0.020 upstream_addr=a:1, b:2 : c:3 pipe=.",
     {"duration_ms": 250.0, "upstream_duration_ms": 225.0, "upstream_addr": "c:3", "upstream_attempts": 3}),
    ("W3C: as Symantec's proxies call a path, and write a query", "#Fields: date time time-taken c-ip sc-status cs-method cs-uri-path cs-uri-query cs(User-Agent)\n"
     '2026-10-10 13:55:36 53 203.0.113.7 200 GET /x ?y=1 "Mozilla/5.0 (X)"', {"target": "/x?y=1", "duration_ms": 53.0, "user_agent": "Mozilla/5.0 (X)"}),
    ("CloudFront: only some fields, an agent whose encoding is undone", "#Fields: date time cs-method cs-uri-stem sc-status time-taken x-edge-result-type cs(User-Agent)\n"
     "2026-10-10\t13:55:36\tGET\t/x\t503\t30.001\tError\tcurl%2520(x)", {"duration_ms": 30001.0, "user_agent": "curl (x)", "status": 503}),
    ("Envoy: quotes in a header, a socket upstream",
     '[2026-10-10T13:55:36.123Z] "GET /x HTTP/3" 200 - 0 11 1 0 "2001:db8::1,10.0.0.1" "a "b" c" "x" "a" "unix:///a.sock"',
     {"client_ip": "2001:db8::1", "user_agent": 'a "b" c', "upstream_addr": "/a.sock"}),
    ("Envoy: nothing but nulls and a flag",
     '{"start_time":"2026-10-10T13:55:36.123Z","method":null,"response_code":400,"response_flags":"DPE"}',
     {"status": 400, "method": None}),
    ("Envoy: a gRPC status and a trace in capitals",
     '{"start_time":"2026-10-10T13:55:36.123Z","method":"POST","path":"/g","response_code":200,"grpc_status":"Unavailable",'
     '"traceparent":"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}',
     {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "extra": '{"grpc_status":"Unavailable"}'}),
    ("Traefik: no service", '{"DownstreamStatus":404,"Duration":87123,"RequestMethod":"GET","RequestPath":"/x",'
     '"RetryAttempts":0,"StartUTC":"2026-10-10T13:55:36.1Z"}',
     {"duration_ms": 0.087123, "upstream_attempts": None, "upstream_addr": None}),
    ("Traefik: no host of the client, a backend of version 1, a local time",
     '{"ClientAddr":"[::1]:5","BackendAddr":"10.0.0.7:80","DownstreamStatus":404,"RequestMethod":"GET","RequestPath":"/x",'
     '"StartLocal":"2026-10-10T15:55:36.5+02:00","time":"2026-10-10T13:55:37Z"}',
     {"client_ip": "::1", "upstream_addr": "10.0.0.7:80", "start_time": datetime(2026, 10, 10, 13, 55, 36, 500_000, UTC)}),
    ("Traefik: raw quotes", '10.0.0.1 - ann [10/Oct/2026:13:55:36 +0000] "GET /a"b HTTP/1.1" 502 11 "-" "x "y" z" 12 "r" '
     '"http://[::1]:80" 12ms', {"target": '/a"b', "user_agent": 'x "y" z', "upstream_addr": "http://[::1]:80"}),
    ("Caddy: a duration with its unit", '{"ts":"2025-05-19T21:24:02.079Z","request":{"method":"GET","uri":"/a?b=1\\u0026c=2"},'
     '"duration":"1.5ms","status":0}', {"duration_ms": 1.5, "query": "b=1&c=2"}),
    ("Caddy: a duration of minutes", '{"ts":"2026-10-10T13:55:36.5+0000","request":{"method":"GET","uri":"/x"},"duration":"1m2.5s","status":200}',
     {"duration_ms": 62500.0, "timestamp": datetime(2026, 10, 10, 13, 55, 36, 500_000, UTC)}),
    ("Caddy: a date with slashes, as version 2.0 names a client", '{"ts":"2026/10/10 13:55:36.500","status":200,"duration":"2h0m1s",'
     '"request":{"method":"GET","uri":"/x","remote_addr":"[2001:db8::1]:5"}}',
     {"client_ip": "2001:db8::1", "client_port": 5, "duration_ms": 7_201_000.0, "timestamp": datetime(2026, 10, 10, 13, 55, 36, 500_000, UTC)}),
    ("nginx Proxy Manager: two statuses, one name of a server", '[10/Oct/2026:13:55:36 +0000] - 502, 200 200 - GET http a.b "/x" [Client 10.0.0.1] '
     '[Length 6] [Gzip -] [Sent-to web] "-" "-"', {"upstream_attempts": 2, "upstream_status": 200}),
    ("nginx Proxy Manager: two statuses, no server", '[10/Oct/2026:13:55:36 +0000] - 404 200 - GET http a.b "/x" [Client 10.0.0.1] [Length 6] [Gzip 1.1] "curl" "-"',
     {"upstream_status": 404, "status": 200, "upstream_addr": None, "user_agent": "curl"}),
    ("NPMplus: no host, no agent", '[10/Oct/2026:13:55:36 +0000] _ 10.0.0.1 0.811 "\\x16\\x03" 400 122 282 - -',
     {"duration_ms": 811.0, "bytes_sent": 122, "user_agent": None, "extra": '{"bytes_sent":282}'}),
    ("Jetty: two blanks around a user who is nobody, and before a number",
     '10.0.0.1 -  -  [10/Oct/2026:13:55:36 +0000] "GET /a  b HTTP/1.1" 200 - "-" "a  b"  293',
     {"client_ip": "10.0.0.1", "user": None, "target": "/a  b", "user_agent": "a  b", "extra": '{"tail":"293"}'}),
    ("ELB: two blanks before the agent, in an early version", '2014-02-15T23:39:43.945958Z lb 10.0.0.1:5 10.0.0.2:80 0.1 0.2 0.3 200 200 0 29 "GET http://a:80/ HTTP/1.1"  "curl" - -',
     {"user_agent": "curl", "duration_ms": 600.0}),
    ("LTSV: labels as the keys of JSON lines", "time:2026-10-10T13:55:36Z\trequest_method:GET\turi:/x\tstatus:200\tuseragent:curl",
     {"user_agent": "curl"}),
    ("IIS: Advanced Logging, whose times are local", "#Fields: date-local time-local cs-method cs-uri-stem cs-uri-query c-ip sc-status TimeTakenMS\n"
     '2026-10-10 13:55:36.250 GET /x - "203.0.113.7" 200 204', {"client_ip": "203.0.113.7", "duration_ms": 204.0, "start_time": datetime(2026, 10, 10, 13, 55, 36, 46_000, UTC)}),
    ("ALB: no target, two trace ids", ALB.format(target="-", request="GET https://a.b:443/c HTTP/2.0") + ALB_END,
     {"upstream_addr": None, "duration_ms": None, "client_ip": "2001:db8::1", "host": "a.b",
      "trace_id": "67891233abcdef012345678912345678"}),
    ("ALB: fields that nobody knew yet", ALB.format(target="-", request="GET http://a:80/ HTTP/1.1") + ALB_END + ' TID_1 "-" new',
     {"status": 502, "path": "/", "start_time": datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)}),
    ("ALB: the client gave up, before there were lists of targets",
     ALB.format(target="-", request="GET http://a:80/ HTTP/1.1") + ' "-" "-" 0 2026-10-10T13:55:30.000000Z "forward" "-" "-"',
     {"start_time": datetime(2026, 10, 10, 13, 55, 30, tzinfo=UTC), "duration_ms": None}),
    ("ELB: no request", "2015-05-13T23:39:43.945958Z lb 10.0.0.1:5 10.0.0.2:80 0.001069 0.000028 0.000041 - - 82 305 "
     '"- - - " "-" - -', {"status": None, "target": None, "duration_ms": 1.138}),
    ("S3: as it was before versions", '79a5 b [06/Feb/2012:00:00:38 +0000] 10.0.0.1 ann 3E57 WEBSITE.GET.OBJECT k "GET /k HTTP/1.1" 200 - 36 36 10 9 "-" "curl"',
     {"duration_ms": 10.0, "user_agent": "curl", "bytes_sent": 36}),
    ("S3: CloudFront asks, by the identity that has blanks in its name",
     '79a5 b [06/Feb/2019:00:00:38 +0000] 10.0.0.1 arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EX 3E57 '
     'REST.GET.OBJECT k "GET /k HTTP/1.1" 200 - 36 36 10 9 "-" "Amazon CloudFront" - s9= SigV4 - AuthHeader b.example TLSv1.2 - -',
     {"user": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EX", "request_id": "3E57", "status": 200, "duration_ms": 10.0}),
    ("S3: what expired by itself", '79a5 b [06/Feb/2019:00:00:38 +0000] - svc:s3 3E57 S3.EXPIRE.OBJECT k "-" - - - 29 - - "-" "-" v -',
     {"target": None, "status": None, "client_ip": None}),
    ("Azure: the time by another name", '{"timestamp":"2026-10-10T13:55:36Z","properties":{' + CLOUD_PROPERTIES + ',"timeTaken":0.2}}',
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)}),
    ("Azure: a version of four numbers", '{"time":"2026-10-10T13:55:36Z","properties":{"httpMethod":"GET","httpStatusCode":"200",'
     '"requestUri":"https://a.b:443/x","httpVersion":"2.0.0.0"}}', {"http_version": "2.0", "host": "a.b"}),
    ("Google Cloud: a client with its port", '{"httpRequest":{"requestMethod":"GET","requestUrl":"http://a/x","remoteIp":"203.0.113.7:99"},'
     '"timestamp":"2026-10-10T13:55:36Z"}', {"client_ip": "203.0.113.7"}),
    ("Google Cloud: a client by IPv6", '{"httpRequest":{"requestMethod":"GET","requestUrl":"http://a/x","remoteIp":"2001:db8::7"},'
     '"timestamp":"2026-10-10T13:55:36Z"}', {"client_ip": "2001:db8::7"}),
    ("Azure: not set is a dash", '{"time":"2026-10-10T13:55:36Z","properties":{' + CLOUD_PROPERTIES + ',"timeTaken":0.2}}',
     {"upstream_status": None, "duration_ms": 200.0}),
    ("Cloudflare: an end before the start", '{"ClientRequestMethod":"GET","ClientRequestURI":"/x","EdgeResponseStatus":200,'
     '"EdgeStartTimestamp":"2026-10-10T13:55:36.500Z","EdgeEndTimestamp":"2026-10-10T13:55:36.250Z"}', {"duration_ms": None}),
    ("JSON that nginx did not know to be JSON", '{"time":"2026-10-10T13:55:36+00:00","request":"GET /a\\x22b HTTP/1.1",'
     '"status":400,"request_time":0.250,"http_user_agent":"\\xD0\\xB9"}',
     {"target": '/a"b', "user_agent": "й", "duration_ms": 250.0}),
    ("JSON: numbers that are none", '{"ts":1791640536,"method":"GET","path":"/x","status":99999999,"duration_ms":"NaN"}',
     {"status": None, "duration_ms": None, "path": "/x"}),
    ("Squid: no request", "1791640536.250     90 ::1 NONE/400 3000 NONE error:invalid-request - HIER_NONE/- text/html",
     {"status": 400, "duration_ms": 90.0, "upstream_addr": None}),
    ("Squid: a tunnel", "1791640536.250  2 10.0.0.1 TCP_TUNNEL/200 6 CONNECT a.b:443 ann HIER_DIRECT/10.0.0.2 -",
     {"method": "CONNECT", "target": "a.b:443", "user": "ann", "upstream_addr": "10.0.0.2"}),
    ("Squid: what was added to its format", "1791640536.250  3 ::1 TCP_MISS/200 6 GET http://a.b/x - DIRECT/a.b text/plain 902351708.872",
     {"target": "http://a.b/x", "extra": '{"cache_result":"TCP_MISS","hierarchy":"DIRECT","content_type":"text/plain","rest":"902351708.872"}'}),
    ("Envoy: as Ambassador writes it", 'ACCESS [2026-10-10T13:55:36.123Z] "GET /x HTTP/1.1" 200 - 0 11 1 0 "-" "curl" "x" "a" "10.0.0.2:80"',
     {"target": "/x", "upstream_addr": "10.0.0.2:80"}),
    ("Tomcat: no version of HTTP", CLF.replace("GET /x HTTP/1.1", "GET /x "), {"method": "GET", "target": "/x"}),
    ("uvicorn on a terminal", '\x1b[32mINFO\x1b[0m:     ::1:5 - "\x1b[1mGET /x HTTP/1.1\x1b[0m" \x1b[32m200 OK\x1b[0m',
     {"client_ip": "::1", "client_port": 5, "status": 200}),
    ("uvicorn: no level", '10.0.0.1:5 - "GET /x HTTP/1.1" 200', {"client_port": 5, "status": 200, "extra": None}),
    ("uvicorn: what logging puts before the client", '2026-10-10 13:55:36,500 - uvicorn.access - INFO - 10.0.0.1:5 - "GET /x HTTP/1.1" 200',
     {"client_ip": "10.0.0.1", "timestamp": datetime(2026, 10, 10, 13, 55, 36, 500_000, UTC), "extra": '{"level":"INFO"}'}),
    ("JSON: a fraction after a comma, nginx's names", '{"time":"2026-10-10 13:55:36,500","request_method":"GET","path":"/x","status":200,'
     '"request_proto":"HTTP/2.0","remote_addr":"10.0.0.1","remote_port":"5","request_query":"y=1"}',
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, 500_000, UTC), "http_version": "2.0", "client_port": 5, "query": "y=1"}),
    ("LTSV: the names of nginx's variables", "time:2026-10-10T13:55:36+00:00\tremote_addr:10.0.0.1\trequest_method:GET\trequest_uri:/x?y\tstatus:200\t"
     "body_bytes_sent:6\thttp_user_agent:curl\trequest_time:0.25", {"method": "GET", "query": "y", "bytes_sent": 6, "user_agent": "curl"}),
    ("JSON: a path with its query", '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x?y=1","status":200}',
     {"target": "/x?y=1", "path": "/x", "query": "y=1"}),
    ("Werkzeug: its time has no zone", '10.0.0.1 - - [10/Oct/2026 13:55:36] "GET /x HTTP/1.1" 304 -',
     {"status": 304, "bytes_sent": None, "timestamp": datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)}),
    ("LTSV: colons and tabs in a value", "status:200\ttime:10/Oct/2026:13:55:36 +0000\turi:/a?b\tua:x:y\\x09z\tstatus:201",
     {"status": 200, "user_agent": "x:y\tz", "query": "b", "extra": '{"status#2":"201"}'}),
    ("gunicorn: behind a Unix socket", CLF.removeprefix("10.0.0.1"), {"client_ip": None, "status": 200, "user_agent": "curl"}),
    ("gunicorn: behind a Unix socket, with a tail", CLF.removeprefix("10.0.0.1") + " 0.25", {"client_ip": None, "extra": '{"rest":"0.25"}'}),
    ("uvicorn: behind a Unix socket", 'INFO:      - "GET / HTTP/1.1" 200 OK', {"client_ip": None, "client_port": None, "status": 200, "path": "/"}),
    ("uvicorn: behind a Unix socket, with a time", '2026-10-10 13:55:36,500 INFO:      - "GET /x HTTP/1.1" 200 OK', {"client_ip": None, "path": "/x"}),
    ("uvicorn: in gunicorn behind a Unix socket", '[2026-10-10 13:55:36 +0000] [7] [INFO]  - "GET /x HTTP/1.1" 200', {"client_ip": None, "path": "/x"}),
    ("Envoy: JSON with a forwarded-for header, whose port is not told",
     '{"start_time":"2026-10-10T13:55:36.123Z","method":"GET","path":"/x","response_code":200,"x_forwarded_for":"203.0.113.7, 10.0.0.9",'
     '"downstream_remote_address":"10.0.0.9:5"}', {"client_ip": "203.0.113.7", "client_port": None}),
    ("Envoy: JSON, the forwarded-for header is not set", '{"start_time":"2026-10-10T13:55:36.123Z","method":"GET","path":"/x","response_code":200,'
     '"x_forwarded_for":"-","downstream_remote_address":"[2001:db8::1]:5"}', {"client_ip": "2001:db8::1", "client_port": 5}),
    ("Envoy Gateway: JSON, the header by its own name", '{"start_time":"2026-10-10T13:55:36.123Z","method":"GET","path":"/x","response_code":200,'
     '"x-forwarded-for":"2001:db8::7"}', {"client_ip": "2001:db8::7"}),
    ("JSON: the client as ECS calls the source", '{"@timestamp":"2026-10-10T13:55:36Z","source":{"ip":"10.0.0.9","port":5},"method":"GET","path":"/x","status":200}',
     {"client_ip": "10.0.0.9", "client_port": 5}),
    ("CloudFront: JSON of the fields that were chosen, and the time as a number",
     '{"timestamp(ms)":"1791640536250","x-edge-result-type":"Error","cs-uri-stem":"/x","sc-status":"502","time-taken":"0.204","c-country":"CH"}',
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, 250_000, UTC), "duration_ms": 204.0, "extra": '{"x-edge-result-type":"Error","c-country":"CH"}'}),
    ("ingress-nginx: a list in the real address's place, no request id",
     CLF.replace("- -", "- [203.0.113.7, 10.0.0.9] - -") + " 30 0.250 [shop-cart-80] 10.1.0.7:8080, 10.1.0.9:8080 0, 612 0.001, 0.200 502, 200",
     {"client_ip": "10.0.0.1", "upstream_addr": "10.1.0.9:8080", "upstream_attempts": 2, "duration_ms": 250.0, "request_id": None}),
    ("ingress-nginx: the real address, another upstream's name, no endpoint",
     CLF.replace("- -", "- [10.0.0.1] - -") + " 30 0.000 [upstream-default-backend] [] - - - - aa11",
     {"duration_ms": 0.0, "upstream_addr": None, "request_id": "aa11"}),
    ("Traefik: a forwarded client, whose port is not told", '{"ClientAddr":"10.0.0.9:5","ClientHost":"203.0.113.7","ClientPort":"5","DownstreamStatus":200,'
     '"RequestMethod":"GET","RequestPath":"/x","StartUTC":"2026-10-10T13:55:36.1Z"}', {"client_ip": "203.0.113.7", "client_port": None}),
    ("Traefik: the port of a client that has no host", '{"ClientAddr":"[2001:db8::1]:5","DownstreamStatus":200,"RequestMethod":"GET","RequestPath":"/x",'
     '"StartUTC":"2026-10-10T13:55:36.1Z"}', {"client_ip": "2001:db8::1", "client_port": 5}),
    ("Traefik 1: no router, no backend", '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /ping HTTP/1.1" 200 2 "-" "-" 1 - - 0ms',
     {"duration_ms": 0.0, "upstream_addr": None, "user_agent": None}),
    ("Front Door (classic): the backend by its name", '{"time":"2026-10-10T13:55:36Z","properties":{"httpMethod":"GET","httpStatusCode":"200",'
     '"requestUri":"https://a.b:443/x","backendHostname":"shop.example.net:443"}}', {"upstream_addr": "shop.example.net:443"}),
    ("Squid: a connection without a request", '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "- error:transaction-end-before-headers NONE/0.0" 0 0 "-" "-" NONE_NONE:HIER_NONE',
     {"method": None, "target": "error:transaction-end-before-headers", "http_version": None, "bytes_sent": 0}),
    ("ingress-nginx: a format of one's own, without the real address",
     CLF + " 30 0.250 [shop-cart-80] 10.1.0.7:8080, 10.1.0.9:8080 0, 612 0.001, 0.200 502, 200 aa11",
     {"duration_ms": 250.0, "upstream_attempts": 2, "request_id": "aa11", "user": None}),
    ("nginx: the duration before the referer, a header after the agent", CLF.replace(" 612 ", " 612 0.250 ") + ' "203.0.113.7"',
     {"duration_ms": 250.0, "bytes_sent": 612, "user_agent": "curl", "extra": '{"rest":"\\"203.0.113.7\\""}'}),
    ("nginx: a tail that touches the agent", CLF + 'rt=0.25 uct="0.001" uht="-, 0.2" urt="0.1, 0.105"',
     {"user_agent": "curl", "duration_ms": 250.0, "upstream_duration_ms": 205.0, "upstream_attempts": 2}),
    ("Apache: a list of addresses without blanks", CLF.replace("10.0.0.1", "203.0.113.7,10.0.0.1") + " aa11 9337", {"client_ip": "203.0.113.7"}),
    ("Contour: the time by another name", '{"@timestamp":"2026-10-10T13:55:36.123Z","authority":"a.b","downstream_remote_address":"10.0.0.1:5","duration":3,'
     '"method":"GET","path":"/x","response_code":200,"response_flags":"-","upstream_host":"10.0.0.2:80","upstream_service_time":2,"x_forwarded_for":"203.0.113.7"}',
     {"client_ip": "203.0.113.7", "client_port": None, "duration_ms": 3.0, "upstream_duration_ms": 2.0, "upstream_addr": "10.0.0.2:80"}),
    ("JSON: a client with its port, as Go tells it", '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,"remote_addr":"[2001:db8::1]:5"}',
     {"client_ip": "2001:db8::1"}),
    ("JSON: a time in brackets", '{"date":"[10/Oct/2026:15:55:36 +0200]","method":"GET","url_path":"/x","status":"200","request_time_seconds":"0.25"}',
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC), "path": "/x", "duration_ms": 250.0}),
    ("JSON: a fraction after a comma, and a zone", '{"timestamp":"2026-10-10T15:55:36,500+0200","method":"GET","path":"/x","status":200}',
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, 500_000, UTC)}),
    ("JSON: HAProxy's time, which has no zone", '{"time":"10/Oct/2026:13:55:36.500","method":"GET","path":"/x","status":200}',
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, 500_000, UTC)}),
    ("JSON: pino's objects", '{"level":30,"time":1791640536500,"req":{"id":1,"method":"GET","url":"/x?y=1","headers":{"user-agent":"curl"},"remoteAddress":"::ffff:203.0.113.7",'
     '"remotePort":5},"res":{"statusCode":200},"responseTime":5,"msg":"request completed"}',
     {"method": "GET", "query": "y=1", "status": 200, "client_ip": "::ffff:203.0.113.7", "client_port": 5, "user_agent": "curl", "duration_ms": 5.0}),
    ("JSON: Echo's latency, told with its unit", '{"time":"2026-10-10T13:55:36.123456789Z","remote_ip":"203.0.113.7","host":"a.b:1323","method":"GET","uri":"/x?y=1","status":200,'
     '"latency":312500,"latency_human":"312.5µs","bytes_out":13}', {"duration_ms": 0.3125, "bytes_sent": 13, "host": "a.b"}),
    ("JSON: a request line in ECS", '{"@timestamp":"2026-10-10T13:55:36Z","source":{"ip":"203.0.113.7"},"http":{"request":{"line":"POST /x?y=1 HTTP/1.1"},'
     '"response":{"status_code":200,"bytes":347}}}', {"method": "POST", "query": "y=1", "bytes_sent": 347, "client_ip": "203.0.113.7"}),
    ("JSON: Datadog's level is no status", '{"timestamp":"2026-10-10T13:55:36Z","status":"info","http":{"method":"GET","status_code":502,"url_details":{"path":"/x"}},"duration":250}',
     {"status": 502, "path": "/x", "duration_ms": None}),
    ("Gin: in colours, and a quote in the path", '[GIN] 2026/12/02 - 19:00:31 |\x1b[97;42m 200 \x1b[0m|     456.835µs |    203.0.113.7 |\x1b[97;44m GET     \x1b[0m "/v0/1\'s<\'\\">D"',
     {"client_ip": "203.0.113.7", "target": "/v0/1's<'\">D", "duration_ms": 0.456835, "status": 200}),
    ("Gin: behind journald, for three quarters of a minute", 'Jun 17 19:12:20 web-1 api[9392]: [GIN] 2026/06/17 - 19:12:20 | 500 | 47.44538475s |             ::1 | POST     "/api/chat"',
     {"client_ip": "::1", "duration_ms": 47445.38475, "status": 500, "timestamp": datetime(2026, 6, 17, 19, 12, 20, tzinfo=UTC)}),
    ("IIS's own format, with a path and a query of commas", "222.173.30.138, -, 11/2/2026, 0:00:53, W3SVC1, WIN-XC7TLE0W5RF, 192.168.240.103, 46, 321, 7699, 200, 0, GET, /a,b.aspx, l=1,2&x=3,",
     {"timestamp": datetime(2026, 11, 2, 0, 0, 53, tzinfo=UTC), "path": "/a,b.aspx", "query": "l=1,2&x=3", "duration_ms": 46.0, "bytes_sent": 7699}),
    ("CloudFront in real time, with the fields that came last", "1791640536.250\t203.0.113.7\t0.113\t502\t612\tGET\thttps\td1.example\t/x?y=1\t34\tCDG50-P2\t375W\tshop.example.com\t0.204\tHTTP/2.0\tIPv4\tcurl\t-\t-\ty=1\tError\t-\t-"
     "\t-\tError\t-\t-\t-\t-\t-\t-\t51754\tOriginError\tCH\tgzip\t*/*\t*\t-\t-\t5\tE1\td1.example\t0.1\t0.15\t3320", {"upstream_duration_ms": 150.0, "query": "y=1", "host": "shop.example.com"}),
    ("nginx: the client with its port", CLF.replace("10.0.0.1", "10.0.0.1:40124"), {"client_ip": "10.0.0.1", "client_port": 40124, "status": 200}),
    ("nginx: an IPv6 client with its port", CLF.replace("10.0.0.1", "[2001:db8::1]:40124"), {"client_ip": "2001:db8::1", "client_port": 40124}),
    ("nginx: an IPv6 client that ends like a port", CLF.replace("10.0.0.1", "2001:db8::1:4012"), {"client_ip": "2001:db8::1:4012", "client_port": None}),
    ("nginx: the client with its port, and a tail", CLF.replace("10.0.0.1", "10.0.0.1:40124") + " rt=0.25", {"client_ip": "10.0.0.1", "duration_ms": 250.0}),
    ("Apache: the client with its port, in common", CLF.removesuffix(' "-" "curl"').replace("10.0.0.1", "10.0.0.1:40124"), {"client_ip": "10.0.0.1"}),
    ("nginx: a list by a name of one's own in the tail", CLF + " up=10.0.0.1:80, 10.0.0.2:80 rt=0.25",
     {"duration_ms": 250.0, "extra": '{"up":"10.0.0.1:80, 10.0.0.2:80"}'}),
    ("gunicorn: %(L)s, seconds with six digits", CLF + " 0.012345", {"duration_ms": 12.345}),
    ("two numbers with six digits are a place on earth", CLF + " 48.856600 2.352200", {"duration_ms": None}),
    ("Apache: a user of no name", CLF.replace("- - [", '- "" ['), {"user": None}),
    ("a user between quotes", CLF.replace("- - [", '- "ann" ['), {"user": "ann"}),
    ("LiteSpeed: the host between quotes", f'"a.b" {CLF}', {"host": "a.b", "client_ip": "10.0.0.1"}),
    ("Caddy of 2020, which says latency", '{"ts":1791640536.25,"request":{"method":"GET","uri":"/x","remote_addr":"10.0.0.1:5"},"latency":0.25,"status":200}',
     {"duration_ms": 250.0, "client_ip": "10.0.0.1"}),
    ("LTSV: the local time, and a query with its mark", "local_time:10/Oct/2026:15:55:36 +0200\thost:10.0.0.1\tmethod:GET\turi:/x\tquery:?y=1\tstatus:200",
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC), "query": "y=1"}),
    ("LTSV: no time but nginx's $msec", "msec:1791640536.250\thost:10.0.0.1\tmethod:GET\turi:/x\tstatus:200",
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, 250_000, tzinfo=UTC), "extra": None}),
    ("LTSV: nginx's $msec before a time of LTSV's own", "msec:1791640530.250\ttime:2026-10-10T13:55:36Z\tmethod:GET\turi:/x\tstatus:200",
     {"timestamp": datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)}),
    ("HAProxy: a target with its host, as HTTP/2 sends it", HAPROXY + 'in~ s/a 0/0/1/2/3 200 211 - - ---- 1/1/0/0/0 0/0 "GET https://a.b:8443/x?y=1 HTTP/2.0"',
     {"host": "a.b", "path": "/x", "query": "y=1", "http_version": "2.0"}),
    ("HAProxy: the client's address is hidden", HAPROXY.replace("10.0.0.1", "-") + 'in s/a 1/0/3/6/9 200 1 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1"',
     {"client_ip": None, "client_port": 5, "status": 200}),
    ("Google: IPv6, which has no port", '{"httpRequest":{"requestMethod":"GET","requestUrl":"https://a.b/x","status":200,"remoteIp":"2001:db8::8329"},'
     '"timestamp":"2026-10-10T13:55:36Z"}', {"client_ip": "2001:db8::8329", "client_port": None}),
    ("S3: bare quotes in the user agent", '79a5 b [10/Oct/2026:13:55:36 +0000] 203.0.113.7 - 3E57 REST.GET.OBJECT x "GET /x HTTP/1.1" 200 - 612 612 38 12 '
     '"-" "an "odd" one" - s9lz= SigV4 ECDHE AuthHeader b.s3.amazonaws.com TLSv1.3 - -', {"user_agent": 'an "odd" one', "host": "b.s3.amazonaws.com"}),
    ("W3C: every field between quotes", '#Fields: date time c-ip cs-method cs-uri cs-uri-query sc-status\n"2026-10-10" "13:55:36" "10.0.0.1" "GET" "a.b/x" "y=1" "200"',
     {"client_ip": "10.0.0.1", "target": "a.b/x", "query": "y=1", "status": 200}),
    ("Tomcat: values between the common format and the referer", CLF.removesuffix(' "-" "curl"') + ' 10.0.0.9 + 400 "http://a.b/" "curl" X-Forwarded-For="a, b"',
     {"duration_ms": None, "bytes_sent": 612, "client_ip": "10.0.0.1"}),
    ("LTSV: the upstream by a short name", "time:2026-10-10T13:55:36Z\tmethod:GET\turi:/x\tstatus:200\tapptime:0.1, 0.2\tupstream:a:1, b:2",
     {"upstream_addr": "b:2", "upstream_attempts": 2, "upstream_duration_ms": 300.0}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_an_odd_line_is_recognised_and_read(read, line, expected):
    row = read(line).requests.row(0, named=True)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("log_format", ["apache", "apache_combined", "nginx", "nginx_combined", "litespeed"])
@pytest.mark.parametrize("tail", [' "-"', ' "203.0.113.7"', ' X-Forwarded-For="203.0.113.7"', " 0.003 HIT"])
def test_what_follows_the_agent_is_no_part_of_it(read, log_format, tail):
    assert read(CLF + tail, log_format=log_format).requests["user_agent"].to_list() == ["curl"]


def test_a_line_cut_off_within_its_agent_is_damage(read):
    assert len(read(CLF, CLF.removesuffix('l"')).rejected) == 1


def test_litespeed_writes_the_host_between_quotes(read):
    assert read(f'"a.b" {CLF}', log_format="litespeed").requests["host"].to_list() == ["a.b"]


@pytest.mark.parametrize("share", [0.45, 0.6, 0.75, 0.9])
@pytest.mark.parametrize(
    "line",
    [
        CLF,
        CLF.removesuffix(' "-" "curl"'),
        f"a.b:443 {CLF}",
        f"{CLF} rt=0.250 urt=0.204",
        f"{CLF} 30 0.204 [a] [] 10.0.0.2:80 6 0.2 200 aa11",
        f'{CLF} 42 "r@docker" "http://10.0.0.1:80" 250ms',
        HAPROXY + 'in s/a 1/0/3/6/9 200 1 - - ---- 1/1/1/1/0 0/0 {a} "GET /x HTTP/1.1"',
        '[2026-10-10T13:55:36.123Z] "GET /x HTTP/2" 200 - 0 612 250 204 "-" "curl" "cc21" "a.b" "10.1.0.7:80"',
        "https 2026-10-10T13:55:36.250000Z app/shop/49 203.0.113.7:40124 10.0.0.1:80 0.001 0.204 0.000 200 200 34 612 "
        '"GET https://a.b:443/x HTTP/1.1" "curl" ECDHE TLSv1.2 arn:x "Root=1-58337262-36d228ad5d99923122bbe354" "a.b" "-" 1 '
        '2026-10-10T13:55:36.045000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"',
        '2026-10-10 13:55:36,250 INFO:     203.0.113.7:40124 - "GET /x HTTP/1.1" 200 OK',
        '2026/10/10 13:55:36 [web-1/9xs4-000001] "POST http://a.b/x HTTP/1.1" from 203.0.113.7:5 - 500 58B in 3ms',
        "host:203.0.113.7\tmethod:GET\turi:/x\tstatus:200\tsize:612\ttime:2026-10-10T13:55:36+00:00\treqtime:0.250",
        "2026-10-10T13:55:36.25Z [d7c8] method=GET path=/x format=html controller=A status=200 duration=58.33 view=40.40",
        'level=info ts=2026-10-10T13:55:36Z method=GET path=/x status=200 remote_addr=203.0.113.7 duration=3.1ms ua="curl 8"',
    ],
)
def test_the_beginning_of_a_line_and_a_whole_one_after_it_are_no_request(read, line, share):
    torn = line[: int(share * len(line))] + line
    log = read(line, torn, line.replace("/x", '/a"b'), line)
    assert log.requests["line_number"].to_list() == [1, 3, 4]
    assert log.rejected["line_number"].to_list() == [2]


def test_other_values_in_brackets_than_times_may_look_alike(read):
    string = 'apache:[%h] [%u] %t "%r" [%>s] [%D] "%{Referer}i"'
    line = '[203.0.113.7] [203] [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" [200] [200] "-"'
    log = read(line, log_format=string)
    assert log.requests.select("status", "duration_ms").row(0) == (200, 0.2)


@pytest.mark.parametrize("cut", [" ", " H", " HTTP/", " HTTP/1", " HTTP/1."])
def test_a_request_cut_off_within_its_version_has_its_method_and_target(read, cut):
    row = read(f'{HAPROXY}in s/a 1/0/3/6/9 200 1 - - ---- 1/1/1/1/0 0/0 "GET /x{cut}').requests.row(
        0, named=True
    )
    assert (row["method"], row["target"], row["http_version"]) == ("GET", "/x", None)


@pytest.mark.parametrize("cut", ["G", "GET", "GET "])
def test_a_request_cut_off_before_its_target_has_none(read, cut):
    row = read(f'{HAPROXY}in s/a 1/0/3/6/9 200 1 - - ---- 1/1/1/1/0 0/0 "{cut}').requests.row(0, named=True)
    assert (row["target"], row["path"], row["status"]) == (None, None, 200)


def test_a_client_may_be_named_in_one_part_or_in_two(read):
    line = '{"ts":1791640536.25,"request":{"method":"GET","uri":"/x",%s},"status":200,"duration":0.25}'
    old, new = '"remote_addr":"10.0.0.1:5"', '"remote_ip":"10.0.0.2","remote_port":"6"'
    log = read(line % old, line % new).requests
    assert log.select("client_ip", "client_port").rows() == [("10.0.0.1", 5), ("10.0.0.2", 6)]


def test_an_upstream_may_be_told_as_a_list_or_as_a_whole(read):
    line = '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,%s}'
    log = read(line % '"upstream_response_time":"0.1, 0.2"', line % '"latencies":{"proxy":20,"request":25}')
    assert log.requests["upstream_duration_ms"].to_list() == [300.0, 20.0]


def test_an_upstream_that_is_mapped_goes_before_lists_of_others(read):
    line = '{"t":1791640536,"s":502,"p":"/x","backend":"a","upstream_status":"502, 200","took":0.1}'
    mapping = "json:timestamp=t,status=s,path=p,upstream_addr=backend,upstream_duration_ms=took * 1000"
    found = read(line, log_format=mapping).requests
    assert found.select("upstream_addr", "upstream_duration_ms", "upstream_status").rows() == [
        ("a", 100.0, 200)
    ]


def test_keys_may_change_in_mid_file(read):
    log = read(
        '{"ts":1791640536.25,"method":"GET","path":"/x","status":200,"duration_ms":12}',
        '{"time":"2026-10-10 13:55:37","method":"GET","path":"/y","status_code":"500","latency_ms":"7.5"}',
        '{"time":1791640538123,"method":"GET","url":"https://a.b/c?d","status":404,"duration_ms":null}',
    ).requests
    assert log["path"].to_list() == ["/x", "/y", "/c"]
    assert log["status"].to_list() == [200, 500, 404]
    assert log["duration_ms"].to_list() == [12.0, 7.5, None]
    assert log["timestamp"].dt.second().to_list() == [36, 37, 38]


@pytest.mark.parametrize(
    "label", ["line_number", "source", "extra", "route_inferred", "attempts", "finish", "matched"]
)
def test_a_label_that_means_nothing_is_kept_whatever_it_is_called(read, label):
    row = read(f"time:2026-10-10T13:55:36Z\tstatus:200\turi:/x\t{label}:7").requests.row(0, named=True)
    assert (row["line_number"], row["path"], row["extra"]) == (1, "/x", f'{{"{label}":"7"}}')


def test_labels_may_change_in_mid_file(read):
    log = read("status:200\tmethod:GET\turi:/a?b", "status:200\tmethod:GET\tpath:/x\tquery:y=1").requests
    assert log.select("target", "path", "query").rows() == [("/a?b", "/a", "b"), ("/x?y=1", "/x", "y=1")]


def test_a_format_that_knows_the_whole_line_goes_before_one_that_takes_any_rest(read):
    whole = CLF + " 30 0.250 [shop-cart-80] [] 10.1.0.7:8080 612 0.200 200 aa11"
    log = read(*[f"{CLF} any thing"] * 3, whole)
    assert log.requests["duration_ms"].to_list() == [None, None, None, 250.0]


@pytest.mark.parametrize("line", [
    "in/1: SSL handshake failure", "in/1: Connection closed during SSL handshake", "in~/2: Timeout during SSL handshake",
])  # fmt: skip
def test_connections_that_ended_early_are_told_from_damage(read, line):
    whole = HAPROXY + 'in s/a 1/0/3/6/9 200 1 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1"'
    assert "ended early" in read(whole, HAPROXY + line).rejected["reason"][0]


@pytest.mark.parametrize("taken", ["47895015650319", "9" * 30, "1e300", "inf", "NaN", "-5"])
def test_a_duration_that_can_be_none_costs_no_line(read, taken):
    line = '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,"duration_s":"%s"}'
    requests = read(line % "0.25", line % taken).requests
    assert requests["duration_ms"].to_list() == [250.0, None]
    assert requests["start_time"].dt.to_string("%S%.3f").to_list() == ["35.750", "36.000"]


@pytest.mark.parametrize(("date", "kind"), [("date", "w3c"), ("date-local", "iis_advanced")])
def test_a_date_without_a_time_of_day_is_a_time_that_cannot_be_read(read, date, kind):
    header = f"#Fields: {date} cs-method cs-uri-stem c-ip sc-status"
    log = read(f"{header}\n2026-10-10 GET /x 203.0.113.7 200", log_format=kind)
    assert log.rejected["reason"].str.starts_with("Its time cannot be read").to_list() == [False, True]


@pytest.mark.parametrize("time", ["9" * 12, "9" * 25, "999999999999.5"])
def test_a_time_that_no_clock_shows_is_damage(read, time):
    line = "%s 90 ::1 TCP_MISS/200 30 GET http://a.b/x - HIER_DIRECT/10.0.0.2 text/html"
    log = read(line % "1791640536.250", line % time)
    assert (len(log.requests), log.rejected["reason"].to_list()) == (
        1,
        ["Its time cannot be read as squid."],
    )


@pytest.mark.parametrize("time", ["1.1,1", "1.5:36+00", "5.:00+05", "1,1", "x, 01 "])
def test_a_time_that_is_written_half_in_one_way_and_half_in_another_costs_its_line_only(read, time):
    line = '{"time":"%s","method":"GET","path":"/x","status":200}'
    log = read(line % "2026-10-10T13:55:36Z", line % time)
    assert (len(log.requests), len(log.rejected)) == (1, 1)


@pytest.mark.parametrize("year", ["0000", "0206", "2200", "9999"])
def test_a_year_that_damage_leaves_costs_its_line_only(read, year):
    haproxy = "10.0.0.1:4 [10/Oct/2026:13:55:36.123] in~ shop/a 1/3/1/2/7 200 6 - - ---- 8/7/7/1/0 0/7 "
    for line in (CLF, haproxy + '"GET /x HTTP/1.1"'):
        log = read(line, line.replace("2026", year))
        assert log.requests["timestamp"].dt.year().to_list() == [2026]
        assert len(log.rejected) == 1


@pytest.mark.parametrize("year", ["-1", "0", "206", "12026"])
def test_a_year_in_json_that_damage_leaves_costs_its_line_only(read, year):
    line = '{"time":"10/Oct/%s:13:55:36 +0000","method":"GET","path":"/x","status":200}'
    log = read(line % "2026", line % year)
    assert (len(log.requests), len(log.rejected)) == (1, 1)


@pytest.mark.parametrize("taken", ["0.1\u0663", "\u0663", "0.1, 0.\u0663"])
def test_digits_of_other_scripts_cost_no_line(read, taken):
    log = read(*(f'{CLF} rt=0.3 uct="{value}"' for value in ("0.1", taken)))
    assert log.requests["duration_ms"].to_list() == [300.0, 300.0]


def test_an_attempt_tells_only_what_a_server_can_write(read):
    line = f'{CLF} rt=0.3 urt="%s" ua="%s" us="%s"'
    row = read(
        line % ("0.1, ²", "10.0.0.1:80, 10.0.0.2:80", "502, ²"), line % ("0.1", "a:1", "200")
    ).requests.row(0, named=True)
    assert json.loads(row["extra"])["attempts"][1] == {"addr": "10.0.0.2:80", "status": None, "ms": None}


def test_more_attempts_than_a_column_counts_cost_no_line(read):
    times = ", ".join(["0.1"] * 40_000)
    assert len(read(f'{CLF} rt=0.3 urt="{times}" ua="a:1" us="200"').requests) == 1


CADDY = (
    '{"level":"info","ts":1791640536.25,"logger":"http.log.access.log0","request":{"method":"GET","uri":"/x"},'
    '"duration":0.25,"size":0,"status":502}'
)
CADDY_ERROR = CADDY.replace("log.access", "log.error").replace('"size":0', '"err_id":"k"')


@pytest.mark.parametrize("log_format", [None, "caddy_json", "json"])
@pytest.mark.parametrize("times", [1, 40])
def test_an_error_that_caddy_tells_of_is_no_second_request(read, log_format, times):
    log = read(*[CADDY, CADDY_ERROR] * times, log_format=log_format)
    assert (len(log.requests), len(log.rejected)) == (times, times)
    assert "error in a request" in log.rejected["reason"][0]


XRAY_SELF, XRAY_ROOT = "1-58337262-36d228ad5d99923122bbe354", "1-67891233-abcdef012345678912345678"


@pytest.mark.parametrize("header", [
    f"Self={XRAY_SELF};Root={XRAY_ROOT}", f"Root={XRAY_ROOT};Self={XRAY_SELF}", f"Root={XRAY_ROOT}", XRAY_ROOT,
    f"Root={XRAY_ROOT};Parent=53995c3f42cd8ad8;Sampled=1",
])  # fmt: skip
@pytest.mark.parametrize("fast", [True, False])
def test_the_trace_of_x_ray_is_its_root(header, fast):
    line = CLF.removesuffix(' "-" "curl"') + f' "{header}"'
    string = COMBINED.removesuffix(' "$http_referer" "$http_user_agent"')
    reader = Reader(find_formats(f'nginx:{string} "$http_x_amzn_trace_id"'))
    block = Block("some.log", 1, f"{line}\n".encode())
    requests = (reader.read(block) if fast else reader.exactly(block.lines())).requests
    assert requests["trace_id"].to_list() == ["67891233abcdef012345678912345678"]
