"""Why a proxy says a request failed, from lines as each of them writes them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.measure.requests.failure_reasons import LOGGED, REASONS, failure_reason

HAPROXY = (
    "10.0.0.1:33317 [10/Oct/2026:10:00:00.123] web api/{} 0/{}/-1/-1/5000 503 217 - - {} 1/1/0/0/0 0/0 "
    '"GET /x HTTP/1.1"'
)
ENVOY = (
    '[2026-10-10T10:00:00.123Z] "GET /x HTTP/1.1" 503 {} 0 91 30 - "-" "curl/8.5.0" '
    '"a1b2c3d4-0000-4000-8000-000000000000" "shop.example.com" "10.0.0.7:8080"'
)
HEROKU = (
    "2026-10-10T10:00:00.123456+00:00 heroku[router]: at={} method=GET path=/x host=shop.example.com "
    "request_id=8601b555 fwd=10.0.0.1 dyno=web.1 connect=1ms service=30ms status={} bytes=0 protocol=https"
)
GOOGLE = (
    '{{"httpRequest":{{"requestMethod":"GET","requestUrl":"https://shop.example.com/x","status":502,'
    '"latency":"0.2s","remoteIp":"10.0.0.1"}},"jsonPayload":{{"statusDetails":"{}"}},'
    '"timestamp":"2026-10-10T10:00:00Z"}}'
)


NGINX = (
    '10.0.0.1 - - [10/Oct/2026:10:00:00 +0000] "GET /x HTTP/1.1" {} 9 "-" "curl/8.5.0" rt=0.001 urt="0.000" '
    'ua="{}" us="502"'
)


ALB = (
    "http 2026-10-10T10:00:00.123456Z app/shop/490d68edf04676fe 10.0.0.9:46532 {} {} {} 34 366 "
    '"GET http://shop.example.com:80/x HTTP/1.1" "curl/8.5.0" - - '
    'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/s/7 "Root=1-58337262-36d228ad5d99923122bbe354" '
    '"-" "-" 0 2026-10-10T10:00:00.100000Z "forward" "-" "-" "-" "-" "-" "-"'
)


def reason_in(line: str, folder: Path) -> str | None:
    log = folder / "proxy.log"
    log.write_text(line + "\n")
    requests = ik.read_access_log(log).requests
    assert len(requests) == 1, line
    return requests.select(failure_reason()).item()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (HAPROXY.format("<NOSRV>", 5000, "sQ--"), "HAProxy sQ"),
        (HAPROXY.format("<NOSRV>", -1, "SC--"), "HAProxy SC"),
        (HAPROXY.format("s1", 0, "sH--"), "HAProxy sH"),
        (HAPROXY.format("s1", 0, "SHVN"), "HAProxy SH"),
        (ENVOY.format("UH"), "Envoy UH"),
        (ENVOY.format("UF,URX"), "Envoy UF"),
        (ENVOY.format("DC,UT"), "Envoy UT"),
        (GOOGLE.format("backend_timeout"), "Google backend_timeout"),
        (GOOGLE.format("failed_to_pick_backend"), "Google failed_to_pick_backend"),
        (NGINX.format(502, "shop_backend"), "nginx no live upstreams"),
        (NGINX.format(502, "10.0.0.7:8080, shop_backend"), "nginx no live upstreams"),
        (ALB.format("-", "-1 -1 -1", "503 -"), "ELB 503"),
        (ALB.format("10.0.0.1:80", "0.001 -1 -1", "504 -"), "ELB 504"),
        (HEROKU.format('error code=H12 desc="Request timeout"', 503), "Heroku H12"),
    ],
)
def test_a_failed_request_has_the_reason_that_its_proxy_gives(line: str, reason: str, tmp_path: Path) -> None:
    assert reason_in(line, tmp_path) == reason
    assert reason in REASONS


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(HAPROXY.format("s1", 0, "----"), id="HAProxy, as usual"),
        pytest.param(HAPROXY.format("s1", 0, "CD--"), id="HAProxy, the client left"),
        pytest.param(HAPROXY.format("s1", 0, "cD--"), id="HAProxy, the client stalled"),
        pytest.param(HAPROXY.format("<NOSRV>", -1, "LR--"), id="HAProxy, a redirect of its own"),
        pytest.param(ENVOY.format("-"), id="Envoy, as usual"),
        pytest.param(ENVOY.format("DC"), id="Envoy, the client left"),
        pytest.param(GOOGLE.format("response_sent_by_backend"), id="Google, as usual"),
        pytest.param(GOOGLE.format("client_disconnected_before_any_response"), id="Google, the client left"),
        pytest.param(HEROKU.format("info", 200), id="Heroku, as usual"),
        pytest.param(
            HEROKU.format('error code=H27 desc="Client Request Interrupted"', 499), id="Heroku, it left"
        ),
        pytest.param(ALB.format("10.0.0.1:80", "0.001 0.2 0", "503 503"), id="ALB, the target failed"),
        pytest.param(ALB.format("10.0.0.1:80", "0.001 -1 -1", "460 -"), id="ALB, the client left"),
        pytest.param(NGINX.format(502, "10.0.0.7:8080"), id="nginx, a server failed"),
        pytest.param(NGINX.format(502, "unix:/run/app.sock"), id="nginx, a server on this machine failed"),
        pytest.param(NGINX.format(502, "-"), id="nginx, it asked nobody"),
    ],
)
def test_other_requests_have_none(line: str, tmp_path: Path) -> None:
    assert reason_in(line, tmp_path) is None


def test_every_reason_is_one_that_a_proxy_can_give() -> None:
    texts = {
        "HAProxy": '"termination_state":"{}--"',
        "Google": '"status_details":"{}"',
        "Heroku": '"code":"{}"',
    }
    texts |= {"Envoy": '"response_flags":"{}"', "CloudFront": '"x-edge-detailed-result-type":"{}"'}
    assert texts.keys() == LOGGED.keys()
    codes = [name for name in REASONS if name.partition(" ")[0] in LOGGED]
    extra = [f"{{{texts[proxy].format(code)}}}" for proxy, code in (name.split(" ") for name in codes)]
    log = pl.DataFrame({"extra": extra}).with_columns(
        status=503, upstream_addr=pl.lit(None, pl.String), upstream_status=pl.lit(None, pl.Int16)
    )
    assert log.select(failure_reason()).to_series().to_list() == codes
