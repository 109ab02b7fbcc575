"""What a wrapper tells of where a line was written is kept in `extra`, under OpenTelemetry's names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.read.access_log import read_access_log

LINE = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 500 612 "-" "curl/8.5"'
TIME = "2026-10-10T13:55:36.301234Z"


def in_json(**members: object) -> str:
    return json.dumps(members)


@pytest.fixture
def extra(tmp_path: Path):
    """Return the `extra` of each request in a log of these lines."""

    def extra(*lines: str):
        path = tmp_path / "some.log"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        requests = read_access_log(path).requests
        assert len(requests) == len(lines)
        return [json.loads(text) if text else {} for text in requests["extra"]]

    return extra


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        (f"[pod/web-2/nginx] {LINE}", {"k8s.pod.name": "web-2", "container.name": "nginx"}),
        (f"web-2 nginx {LINE}", {"k8s.pod.name": "web-2", "container.name": "nginx"}),
        (f"shop web-7d9f-bcdfg nginx {LINE}", {"k8s.pod.name": "web-7d9f-bcdfg", "container.name": "nginx"}),
        (f"[web-2 nginx] {LINE}", {"k8s.pod.name": "web-2", "container.name": "nginx"}),
        (f"web-2  | {LINE}", {"container.name": "web-2"}),
        (f"Oct 10 13:55:36 web2 nginx[7]: {LINE}", {"host.name": "web2"}),
        (f"Oct 10 13:55:36 nginx: {LINE}", {}),
        (f"<190>1 {TIME} web2 nginx - - - {LINE}", {"host.name": "web2"}),
        (f"{TIME} ecs/web/0123abcd {LINE}", {"log.stream": "ecs/web/0123abcd"}),
        (f"{TIME} app[148e21] fra [info] {LINE}", {"service.instance.id": "148e21", "cloud.region": "fra"}),
        (f"{TIME} [APP/PROC/WEB/1] OUT {LINE}", {"service.instance.id": "APP/PROC/WEB/1"}),
        (f"web2/access.log:17:{LINE}", {"log.file.path": "web2/access.log"}),
        (
            in_json(log=f"{LINE}\n", stream="stdout", kubernetes={"pod_name": "web-2", "host": "node-1"}),
            {"k8s.pod.name": "web-2", "k8s.node.name": "node-1"},
        ),
        (
            in_json(message=LINE, host={"name": "web2"}, cloud={"availability_zone": "eu-1a"}),
            {"host.name": "web2", "cloud.availability_zone": "eu-1a"},
        ),
        (
            in_json(_source={"message": LINE, "kubernetes": {"pod": {"name": "web-2"}}}),
            {"k8s.pod.name": "web-2"},
        ),
        (in_json(textPayload=LINE, resource={"labels": {"pod_name": "web-2"}}), {"k8s.pod.name": "web-2"}),
        (in_json(labels={"pod": "web-2"}, line=LINE), {"k8s.pod.name": "web-2"}),
        (in_json(MESSAGE=LINE, _HOSTNAME="web2"), {"host.name": "web2"}),
        (in_json(message=LINE, **{"kubernetes.pod.name": 'web-"2"'}), {"k8s.pod.name": 'web-"2"'}),
        (in_json(log=f"{LINE}\n", stream="stdout", time=TIME), {}),
        (LINE, {}),
    ],
)
def test_labels_by_wrapper(extra, line, labels):
    assert extra(line, line) == [labels, labels]


def test_each_line_has_its_own_labels_and_what_the_line_itself_says_comes_first(extra):
    inner = {"time": TIME, "method": "GET", "path": "/x", "status": 200}
    lines = [
        in_json(message=in_json(**inner, pod="inner"), host="web1"),
        in_json(message=in_json(**inner, **{"host.name": "inner"}), host="web2"),
        in_json(message=in_json(**inner), host=None),
    ]
    assert extra(*lines) == [{"host.name": "web1", "pod": "inner"}, {"host.name": "inner"}, {}]


def test_wrappers_in_wrappers_tell_each_their_own(extra):
    assert extra(f"Oct 10 13:55:36 web2 docker[7]: [pod/web-2/nginx] {LINE}") == [
        {"host.name": "web2", "k8s.pod.name": "web-2", "container.name": "nginx"}
    ]


def test_labels_stay_with_their_lines_in_small_files_and_odd_lines(tmp_path: Path):
    for number in range(30):
        lines = [f"[pod/web-{number}/nginx] {LINE}", "nothing", f"[pod/odd-{number}/nginx] {LINE} rt=1 x"]
        (tmp_path / f"{number:02}.log").write_text("\n".join(lines) + "\n", encoding="utf-8")
    requests = read_access_log(tmp_path).requests
    pods = [json.loads(text)["k8s.pod.name"] for text in requests["extra"]]
    assert pods == [f"{pod}-{number}" for number in range(30) for pod in ("web", "odd")]
    assert requests["line_number"].to_list() == [1, 3] * 30


def test_a_bad_pod_is_named(tmp_path: Path):
    path = tmp_path / "shop.log"
    lines = []
    for second in range(3600):
        bad = 1800 <= second < 2400 and second % 3 == 1
        at = f"10/Oct/2026:13:{second // 60:02}:{second % 60:02} +0000"
        status = 500 if bad else 200
        lines.append(
            f'[pod/shop-{second % 3}/app] 203.0.113.7 - - [{at}] "GET /x HTTP/1.1" {status} 612 "-" "curl"'
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "Requests on pod shop-1 explain" in str(diagnose(read_access_log(path).requests))
